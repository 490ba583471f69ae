package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	maxBody    = 1 << 20
	retryAfter = "5" // seconds
)

// pixel is the smallest transparent GIF: 43 bytes.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// Values that every answer has; shared, so that they cost nothing.
var (
	anyOrigin = []string{"*"}
	noStore   = []string{"no-store"}
	plainText = []string{"text/plain; charset=utf-8"}
	imageGIF  = []string{"image/gif"}
	expose    = []string{"X-Plausible-Dropped"}
)

// Handler answers /api/event and /api/pixel.gif.
func (c *Collector) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/event":
			c.serveEvent(w, r)
		case "/api/pixel.gif":
			c.servePixel(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

func (c *Collector) serveEvent(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Cache-Control"] = noStore
	switch r.Method {
	case http.MethodPost:
	case http.MethodOptions:
		h.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Content-Type, X-Debug-Request")
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		h.Set("Allow", "POST, OPTIONS")
		c.refuse(w, http.StatusMethodNotAllowed, "request", "send events with POST")
		return
	}
	if !bodyIsText(r.Header) {
		c.refuse(w, http.StatusUnsupportedMediaType, "request", "send JSON as application/json or text/plain")
		return
	}
	addr := readerAddr(r, c.o.TrustedProxies)
	if r.Header.Get("X-Debug-Request") == "true" {
		h["Content-Type"] = plainText
		io.WriteString(w, addr.String())
		return
	}
	buf := c.buffers.Get().(*buffers)
	defer c.buffers.Put(buf)
	buf.reset()
	if err := buf.readBody(r); err != nil {
		if errors.Is(err, errTooLarge) {
			h.Set("Connection", "close")
			c.refuse(w, http.StatusRequestEntityTooLarge, "request", "is larger than 1 MB")
			return
		}
		c.refuse(w, http.StatusBadRequest, "request", "could not be read")
		return
	}
	p, ok := parsePayload(buf.body.String())
	if !ok {
		c.refuse(w, http.StatusBadRequest, "request", "is not a JSON object")
		return
	}
	out, bad, err := c.record(r.Context(), &hit{payload: p, userAgent: r.UserAgent(), addr: addr, optOut: optedOut(r.Header)}, buf)
	if status := c.count(r, out, bad, err); status != http.StatusAccepted {
		c.answerProblem(w, status, bad)
		return
	}
	h["Content-Type"] = plainText
	if out.dropped > 0 {
		h["Access-Control-Expose-Headers"] = expose
		h.Set("X-Plausible-Dropped", strconv.Itoa(out.dropped))
	}
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, "ok")
}

// servePixel records a page view that an image of the page asks for, and
// always answers with the image. d, u and r are as in an event; u defaults to
// the page that the browser names as referrer of the image.
func (c *Collector) servePixel(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Cache-Control"] = noStore
	h["Content-Type"] = imageGIF
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	status := http.StatusAccepted
	if r.Method == http.MethodGet { // asking for the head alone is no view
		q := r.URL.Query()
		p := payload{name: event.Pageview, url: q.Get("u"), domain: q.Get("d"), referrer: q.Get("r"), hashMode: q.Get("h") == "1",
			engaged: math.NaN(), scroll: math.NaN()}
		if p.url == "" {
			p.url = r.Referer()
		}
		p.url, p.domain, p.referrer = strings.ToValidUTF8(p.url, ""), strings.ToValidUTF8(p.domain, ""), strings.ToValidUTF8(p.referrer, "")
		buf := c.buffers.Get().(*buffers)
		defer c.buffers.Put(buf)
		buf.reset()
		out, bad, err := c.record(r.Context(), &hit{payload: p, userAgent: r.UserAgent(), addr: readerAddr(r, c.o.TrustedProxies), optOut: optedOut(r.Header)}, buf)
		status = c.count(r, out, bad, err)
		if out.dropped > 0 && status == http.StatusAccepted {
			h.Set("X-Plausible-Dropped", strconv.Itoa(out.dropped))
		}
	}
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", retryAfter)
		w.WriteHeader(status) // browsers show the image all the same
	}
	io.WriteString(w, pixel)
}

// count notes what became of a hit and gives the status that says so.
func (c *Collector) count(r *http.Request, out outcome, bad problems, err error) int {
	switch {
	case err == nil && bad == nil:
		c.m.accepted.Add(float64(out.taken))
		return http.StatusAccepted
	case bad != nil:
		for field := range bad {
			c.m.refused.WithLabelValues(field).Inc()
		}
		return http.StatusBadRequest
	case errors.Is(err, errLimited):
		c.m.refused.WithLabelValues("limited").Inc()
		return http.StatusTooManyRequests
	case r.Context().Err() == nil:
		c.m.refused.WithLabelValues("unavailable").Inc()
		c.logFailure(err)
	}
	return http.StatusServiceUnavailable
}

// logFailure tells of trouble, but not of each of thousands of requests.
func (c *Collector) logFailure(err error) {
	now := c.o.Now().Unix()
	if last := c.m.lastLog.Swap(now); now-last >= 10 || now < last {
		c.o.Log.Warn("events are refused", "err", err)
	}
}

func (c *Collector) refuse(w http.ResponseWriter, status int, field, what string) {
	c.m.refused.WithLabelValues(field).Inc()
	c.answerProblem(w, status, problems{field: {what}})
}

func (c *Collector) answerProblem(w http.ResponseWriter, status int, bad problems) {
	switch status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
		bad = problems{"request": {"can't be taken now: try again in " + retryAfter + " seconds"}}
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", retryAfter)
		bad = problems{"request": {errLimited.Error()}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]problems{"errors": bad}) // the client may be gone
}

// bodyIsText accepts the two types that clients send, and none at all.
func bodyIsText(h http.Header) bool {
	v := h["Content-Type"]
	if len(v) == 0 || v[0] == "" {
		return true
	}
	t, _, _ := strings.Cut(v[0], ";")
	t = strings.TrimSpace(t)
	return strings.EqualFold(t, "text/plain") || strings.EqualFold(t, "application/json")
}

var errTooLarge = errors.New("body too large")

// buffers are the memory of one request.
type buffers struct {
	body bytes.Buffer
	recs []byte
	ends []int
	list [][]byte
}

const keepBuffer = 64 << 10 // bytes that an idle buffer may hold on to

func (b *buffers) reset() {
	if b.body.Cap() > keepBuffer {
		b.body = bytes.Buffer{}
	}
	if cap(b.recs) > keepBuffer {
		b.recs = nil
	}
	b.body.Reset()
	b.recs, b.ends, b.list = b.recs[:0], b.ends[:0], b.list[:0]
}

func (b *buffers) readBody(r *http.Request) error {
	if r.ContentLength > maxBody {
		return errTooLarge
	}
	n, err := b.body.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if n > maxBody {
		return errTooLarge
	}
	return err
}

func (b *buffers) add(e *event.Event) {
	b.recs = event.AppendEvent(b.recs, e)
	b.ends = append(b.ends, len(b.recs))
}

func (b *buffers) records() [][]byte {
	from := 0
	for _, end := range b.ends {
		b.list = append(b.list, b.recs[from:end:end])
		from = end
	}
	return b.list
}
