package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Pages that are watched ask, more than once a second, who reads now and
// whether anything happened today. One answer a site serves all who ask within liveFresh, so a
// wall of screens costs no more than one.
const (
	liveFresh  = 250 * time.Millisecond
	liveWindow = 5 * time.Minute // who was heard of since then reads now
)

// pulse is a site's state at a moment.
type pulse struct {
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
	pulse
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

// live answers live.json. Its ETag is its content: where nothing happened,
// the answer is 304.
func (s *Server) live(ctx context.Context, c *gin.Context) error {
	site, err := s.querySite(ctx, *requestOf(c).site)
	if err != nil {
		return err
	}
	now, err := s.pulse(ctx, site)
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%d-%d"`, now.Readers, now.Seen)
	c.Header("Cache-Control", "no-store") // the script remembers the tag itself
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.JSON(http.StatusOK, now)
	return nil
}

func (s *Server) pulse(ctx context.Context, site query.Site) (pulse, error) {
	class := turn.Of(ctx).Class
	slot := s.pulses.of(watched{site.ID, class})
	select {
	case slot.asking <- struct{}{}: // who asks meanwhile waits for the same answer
		defer func() { <-slot.asking }()
	case <-ctx.Done():
		return pulse{}, ctx.Err()
	}
	// It is everybody's, so it waits in nobody's line.
	ctx = turn.With(ctx, turn.Asker{Class: class, Key: "live"})
	now := s.Now()
	if age := now.Sub(slot.at); age >= 0 && age < liveFresh {
		return slot.pulse, nil
	}
	// The collector's clock may be a little ahead of ours.
	recent := query.Range{From: now.Add(-liveWindow), To: now.Add(time.Minute)}
	readers, err := s.count(ctx, site, "visitors", recent)
	if err != nil {
		return pulse{}, err
	}
	today, err := query.Period(site, "today", "", "", now)
	if err != nil {
		return pulse{}, err
	}
	seen, err := s.count(ctx, site, "events", today)
	if err != nil {
		return pulse{}, err
	}
	slot.at, slot.pulse = now, pulse{Readers: readers, Seen: seen}
	return slot.pulse, nil
}

// count asks for one figure without dimensions.
func (s *Server) count(ctx context.Context, site query.Site, metric string, r query.Range) (int64, error) {
	res, err := query.Run(ctx, s.Runner, query.Query{Site: site, Metrics: []string{metric}, Range: r})
	if err != nil {
		return 0, err
	}
	if len(res.Rows) == 0 {
		return 0, nil
	}
	n, _ := res.Rows[0][0].(int64)
	return n, nil
}
