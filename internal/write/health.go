package write

import "time"

// Health is the writer's state for people and probes.
type Health struct {
	Ready     bool          // batches arrive, as far as is known
	Reason    string        // why not: the last error
	LastEvent time.Time     // when the last event that arrived was taken; zero before the first
	Lag       time.Duration // how long ago the oldest event that waits in a batch was taken, 0 for none
}

// Health says how the writer is.
func (w *Writer) Health() Health {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := Health{Ready: len(w.state.trouble) == 0, LastEvent: w.state.lastEvent}
	for _, err := range w.state.trouble {
		h.Reason = err.Error()
	}
	if len(w.state.oldest) > 0 && !w.state.oldest[0].IsZero() {
		h.Lag = max(time.Since(w.state.oldest[0]), 0)
	}
	return h
}
