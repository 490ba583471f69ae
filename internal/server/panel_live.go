package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/query"
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

// pulses holds the latest pulse of each site that is watched.
type pulses struct {
	mu    sync.Mutex
	sites map[uint32]*sitePulse
}

type sitePulse struct {
	mu sync.Mutex
	at time.Time
	pulse
}

// of returns the site's slot. Slots are few words and there is one a site.
func (p *pulses) of(site uint32) *sitePulse {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sites == nil {
		p.sites = map[uint32]*sitePulse{}
	}
	if p.sites[site] == nil {
		p.sites[site] = &sitePulse{}
	}
	return p.sites[site]
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
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.JSON(http.StatusOK, now)
	return nil
}

func (s *Server) pulse(ctx context.Context, site query.Site) (pulse, error) {
	slot := s.pulses.of(site.ID)
	slot.mu.Lock() // who asks meanwhile waits for the same answer
	defer slot.mu.Unlock()
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
