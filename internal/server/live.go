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

// live.json says how many visitors a site has now, and whether anything is new.
// Its ETag is its content. A client that sends the ETag it knows and "Prefer:
// wait=25" (RFC 7240) is answered when the content changes, or with 304 after that
// many seconds, liveHeld at most (long polling): so an open page costs one or two
// requests per minute. The number of held answers is limited; beyond it, the
// answer comes at once. Preference-Applied says that an answer was held.
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
	c.Header("Cache-Control", "no-store") // the script keeps the ETag itself
	c.Header("ETag", tag)
	if known == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.JSON(http.StatusOK, now)
	return nil
}

func liveTag(p panel.Pulse) string { return fmt.Sprintf(`"%d-%d"`, p.Readers, p.Seen) }

// hold waits until the state differs from known, or the time is over. If too many
// wait already, it returns at once.
func (s *Server) hold(ctx context.Context, c *gin.Context, known panel.Pulse, wait time.Duration) (panel.Pulse, error) {
	done, err := s.held.Take(ctx)
	if err != nil {
		return known, nil // too many wait
	}
	defer done()
	site := *requestOf(c).site
	over, tick := time.After(wait), time.NewTicker(panel.LiveEvery)
	defer tick.Stop()
	for {
		changed := s.panels.LiveChanged(site.ID) // before Live, or a change between the two would be missed
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

// preferredWait reads "wait=25" from a Prefer header; 0 if there is no such wait.
func preferredWait(prefer string) time.Duration {
	text, ok := strings.CutPrefix(prefer, "wait=")
	seconds, err := strconv.ParseUint(text, 10, 16)
	if !ok || err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, liveHeld)
}
