package write

import "time"

// Health is the writer's state for people and probes.
type Health struct {
	Ready     bool          // batches arrive, as far as is known
	Reason    string        // why not: the last error
	LastEvent time.Time     // when the last event that arrived was taken; zero before the first
	Lag       time.Duration // how long ago the oldest event that waits in a batch was taken, 0 for none
}

// writerState is what Health tells.
type writerState struct {
	trouble   map[string]error // by what was tried
	lastEvent time.Time
	oldest    []time.Time // of each batch that is not confirmed, when its first event was taken
}

func (s *writerState) health() Health {
	h := Health{Ready: len(s.trouble) == 0, LastEvent: s.lastEvent}
	for _, err := range s.trouble {
		h.Reason = err.Error()
	}
	if len(s.oldest) > 0 && !s.oldest[0].IsZero() {
		h.Lag = max(time.Since(s.oldest[0]), 0)
	}
	return h
}
