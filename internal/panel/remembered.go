package panel

import (
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// firsts remembers when sites' recording began.
type firsts struct {
	mu    sync.Mutex
	sites map[uint32]firstEvent
}

type firstEvent struct {
	query.Recorded
	asked time.Time
}

// Pulse is a site's state at a moment.
type Pulse struct {
	Readers int64 `json:"readers"` // visitors of the last five minutes
	Seen    int64 `json:"seen"`    // events today; another number means something new
}

// pulses holds the latest pulse of each site that is watched, apart for each
// class of askers: nobody waits for an answer that waits for a stranger's turn.
type pulses struct {
	mu  sync.Mutex
	all map[watched]*sitePulse
}

type watched struct {
	site  uint32
	class turn.Class
}

type sitePulse struct {
	asking chan struct{} // holds something while somebody asks
	at     time.Time
	Pulse
}

// of returns the site's slot. Slots are few words and there are few a site.
func (p *pulses) of(w watched) *sitePulse {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[watched]*sitePulse{}
	}
	if p.all[w] == nil {
		p.all[w] = &sitePulse{asking: make(chan struct{}, 1)}
	}
	return p.all[w]
}
