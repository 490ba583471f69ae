package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// A dashboard's page arrives with the answers of its panels in it, so that the
// first figures need no second request, and nothing moves once it stands. The page
// is sent in its own order. What comes before a panel's answer is sent at once, what
// comes below it once the panel is known: a list's height is known with its rows
// only, and below it there is nothing yet that it could push down.
//
// Each card ends with a data block, <script type="application/json" data-answer>:
// browsers don't execute it, and the content security policy has nothing to allow.
// The text is one line of JSON and ends with a line feed, by which the script knows
// a block that is there as a whole. A panel that isn't known in time has an empty
// block, and its answer at the end of the page.

// pageWait is how long a page waits for answers. After that, the frames of the
// panels that are missing, and what is below them, are sent without.
const pageWait = 5 * time.Second

// A request with this header is answered without figures: the script wants the
// controls alone.
const (
	partHeader = "Earshot-Part"
	framePart  = "frame"
)

// sendWithAnswers sends a dashboard's page with the answers of these panels. Its
// head is on the way before they are asked. If they can't be asked, the page is sent
// without: its script then asks for panels.json and shows what is wrong.
func (s *Server) sendWithAnswers(c *gin.Context, page []byte, ids []string) {
	h := c.Writer.Header()
	h.Set("Content-Type", htmlType)
	h.Set("X-Accel-Buffering", "no") // tells nginx not to buffer the answer
	h.Add("Vary", partHeader)
	c.Status(http.StatusOK)
	out := &arriving{c: c, rest: page, wait: pageWait}
	if len(ids) > 0 {
		out.until(blockOf(ids[0]), true)
		c.Writer.Flush()
	}
	if err := s.askArriving(c, out, ids); err != nil && c.Request.Context().Err() == nil {
		s.Log.Warn("a page goes out without its panels", "request", requestOf(c).id, "err", err)
	}
	out.write(out.rest)
}

// askArriving asks the panels and sends the page with what they answer, except for
// the end of it.
func (s *Server) askArriving(c *gin.Context, out *arriving, ids []string) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), panelTimeout)
	defer cancel()
	list, err := s.panels.AskPage(ctx, s.pageRequest(c, ids))
	if err != nil {
		return err
	}
	done, err := s.answers.turns.Take(ctx)
	if err != nil {
		return fmt.Errorf("wait for room for an answer: %w", err)
	}
	defer done()
	answers, stop := s.answerAll(c, list)
	defer stop()
	out.answers(answers, ids)
	return nil
}

// arriving is a page on its way.
type arriving struct {
	c    *gin.Context
	rest []byte        // not sent yet
	wait time.Duration // pageWait
}

// write sends text; a client that is gone ends the request's context.
func (a *arriving) write(b []byte) { _, _ = a.c.Writer.Write(b) }

// until sends the page as far as a text, with it or up to it.
func (a *arriving) until(text string, with bool) {
	i := bytes.Index(a.rest, []byte(text))
	if i < 0 {
		return
	}
	if with {
		i += len(text)
	}
	a.write(a.rest[:i])
	a.rest = a.rest[i:]
}

// answers sends the page up to the end of its body: each answer in its block, and
// at the end those that came too late for it.
func (a *arriving) answers(from <-chan panelJSON, ids []string) {
	whole := a.c.Request.Context()
	inTime, cancel := context.WithTimeout(whole, a.wait)
	defer cancel()
	known := map[string][]byte{}
	for _, id := range ids {
		a.until(blockOf(id), true)
		for known[id] == nil {
			p, ok := a.next(inTime, from)
			if !ok {
				break
			}
			known[p.panel] = p.json
		}
		a.write(append(known[id], '\n'))
		delete(known, id)
	}
	a.until("</body>", false)
	late := func(id string, json []byte) {
		a.write([]byte(blockOf(id) + string(json) + "\n</script>\n"))
	}
	for id, json := range known { // came while a panel further down was waited for, and is above it
		late(id, json)
	}
	for p, ok := a.next(whole, from); ok; p, ok = a.next(whole, from) {
		late(p.panel, p.json)
	}
}

// next is the next answer; false means that there is none, or none before the
// context ends. What is written is sent before it waits.
func (a *arriving) next(ctx context.Context, from <-chan panelJSON) (panelJSON, bool) {
	select {
	case p, ok := <-from:
		return p, ok
	default:
		a.c.Writer.Flush()
	}
	select {
	case p, ok := <-from:
		return p, ok
	case <-ctx.Done():
		return panelJSON{}, false
	}
}

// blockOf is how the block of a panel's answer begins.
func blockOf(id string) string {
	return fmt.Sprintf(`<script type="application/json" data-answer="%s">`, id)
}
