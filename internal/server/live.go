package server

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/panel"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// live.json says who reads a site now and whether there is something new. Its
// ETag is its content. Whoever knows it already and says "Prefer: wait=25" (RFC
// 7240) is answered when it is another one, or with 304 after so many seconds,
// liveHeld at most: a page that is watched costs a request or two a minute. Only so many
// answers are held; beyond, the answer comes at once, as to whoever doesn't
// wait. Preference-Applied says that it was held.
const liveHeld = 25 * time.Second // less than proxies wait for an answer

// liveTurns bound the answers that are held. A browser opens six connections to
// a host that doesn't speak HTTP/2, so one session never holds them all.
func liveTurns() turn.Limits {
	return turn.Limits{
		turn.User:     {Places: 256, Each: 4},
		turn.Stranger: {Places: 128, Each: 16},
	}
}

func (s *Server) live(ctx context.Context, c *gin.Context) error {
	known := c.GetHeader("If-None-Match")
	now, err := s.panels.Live(ctx, *requestOf(c).site)
	if wait := preferredWait(c.GetHeader("Prefer")); err == nil && wait > 0 && known == liveTag(now) {
		now, err = s.hold(ctx, c, now, wait)
	}
	if err != nil {
		return err
	}
	tag := liveTag(now)
	c.Header("Cache-Control", "no-store") // the script remembers the tag itself
	c.Header("ETag", tag)
	if known == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.JSON(http.StatusOK, now)
	return nil
}

func liveTag(p panel.Pulse) string { return fmt.Sprintf(`"%d-%d"`, p.Readers, p.Seen) }

// hold waits until what is known is no longer so, or the time is over, where
// there is a place to wait at.
func (s *Server) hold(ctx context.Context, c *gin.Context, known panel.Pulse, wait time.Duration) (panel.Pulse, error) {
	done, err := s.held.Take(ctx)
	if err != nil {
		return known, nil // no place
	}
	defer done()
	site := *requestOf(c).site
	over, tick := time.After(wait), time.NewTicker(panel.LiveEvery)
	defer tick.Stop()
	for {
		changed := s.panels.LiveChanged(site.ID) // before the look, or it would miss what comes meanwhile
		now, err := s.panels.Live(ctx, site)
		if err != nil || now != known {
			return now, err
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-over:
			c.Header("Preference-Applied", "wait")
			return known, nil
		case <-s.Stopping:
			return known, nil
		case <-ctx.Done(): // the page is gone
			return known, nil
		}
	}
}

// preferredWait reads a Prefer header's "wait=25".
func preferredWait(prefer string) time.Duration {
	text, ok := strings.CutPrefix(prefer, "wait=")
	seconds, err := strconv.ParseUint(text, 10, 16)
	if !ok || err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, liveHeld)
}
