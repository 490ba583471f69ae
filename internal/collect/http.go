package collect

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/forwarded"
)

const (
	maxBody   = 1 << 20  // of an event
	maxBodies = 64 << 20 // of all requests together, beyond what each may have
	freeBody  = 4 << 10  // what each may have
	// maxBodiesOfOne is what events from one address may have of maxBodies.
	maxBodiesOfOne = 16 << 20
	slowest        = 10 * time.Second // for an event to come, and its answer to go
	retryAfter     = "5"              // seconds
	retrySoon      = "1"              // seconds, after a limit
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

// Paths that a Collector's Handler answers.
const (
	PathEvent  = "/api/event"
	PathEvents = "/api/events"
	PathPixel  = "/api/pixel.gif"
)

// Handler answers the Paths above.
func (c *Collector) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		switch r.URL.Path {
		case PathEvent:
			hurry(w, slowest)
			c.serveEvent(w, r)
			c.m.tookEvent.Observe(time.Since(start).Seconds())
		case PathPixel:
			hurry(w, slowest)
			c.servePixel(w, r)
			c.m.tookPixel.Observe(time.Since(start).Seconds())
		case PathEvents:
			hurry(w, slowestBatch)
			c.serveBatch(w, r)
			c.m.tookBatch.Observe(time.Since(start).Seconds())
		default:
			http.NotFound(w, r)
		}
	})
}

// hurry ends the connection of a client that is slower than that. The server
// lifts it for the next request.
func hurry(w http.ResponseWriter, limit time.Duration) {
	conn, ok := w.(interface {
		SetReadDeadline(time.Time) error
		SetWriteDeadline(time.Time) error
	})
	if !ok {
		return // internal/lane sees to it itself
	}
	until := time.Now().Add(limit)
	_ = conn.SetReadDeadline(until) // a connection that is gone says so when it is read
	_ = conn.SetWriteDeadline(until.Add(slowest))
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
	addr := c.reader(r)
	if err := c.limits.request(addr, c.o.Now()); err != nil {
		c.answerProblem(w, c.count(r, outcome{}, nil, err), nil)
		return
	}
	if r.Header.Get("X-Debug-Request") == "true" {
		h["Content-Type"] = plainText
		io.WriteString(w, addr.String())
		return
	}
	buf := c.buffer()
	defer c.release(buf)
	if !shared(addr) {
		buf.who = forwarded.Network(addr)
	}
	if err := buf.readBody(r, maxBody, &c.bodies); err != nil {
		c.refuseBody(w, err, "is larger than 1 MB")
		return
	}
	p, ok := parsePayload(string(buf.body))
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
// always answers with the image. What a browser fetches ahead of its being seen
// is no page view. d, u and r are as in an event; u defaults to the page that
// the browser names as referrer of the image.
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
	if r.Method == http.MethodGet && !fetchedAhead(r.Header) { // asking for the head alone is no view
		q := r.URL.Query()
		p := payload{name: event.Pageview, url: q.Get("u"), domain: q.Get("d"), referrer: q.Get("r"), hashMode: q.Get("h") == "1",
			engaged: math.NaN(), scroll: math.NaN()}
		if p.url == "" {
			p.url = r.Referer()
		}
		p.url, p.domain, p.referrer = strings.ToValidUTF8(p.url, ""), strings.ToValidUTF8(p.domain, ""), strings.ToValidUTF8(p.referrer, "")
		buf := c.buffer()
		defer c.release(buf)
		addr := c.reader(r)
		var out outcome
		var bad problems
		err := c.limits.request(addr, c.o.Now())
		if err == nil {
			out, bad, err = c.record(r.Context(), &hit{payload: p, userAgent: r.UserAgent(), addr: addr, optOut: optedOut(r.Header)}, buf)
		}
		status = c.count(r, out, bad, err)
		if out.dropped > 0 && status == http.StatusAccepted {
			h.Set("X-Plausible-Dropped", strconv.Itoa(out.dropped))
		}
	}
	switch status {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter)
		w.WriteHeader(status) // browsers show the image all the same
	case http.StatusTooManyRequests:
		h.Set("Retry-After", retrySoon)
		w.WriteHeader(status)
	}
	io.WriteString(w, pixel)
}

// fetchedAhead reports whether a browser asks for what its reader may see
// later, or never: it prefetches or prerenders. Sec-Purpose is the Fetch
// standard's header, the others are what browsers sent before it.
func fetchedAhead(h http.Header) bool {
	for _, name := range [...]string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		for _, value := range h[name] {
			for _, word := range strings.FieldsFunc(value, func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
				switch strings.ToLower(word) {
				case "prefetch", "prerender", "preview":
					return true
				}
			}
		}
	}
	return false
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
	case limitReason(err) != "":
		c.m.refused.WithLabelValues(limitReason(err)).Inc()
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
		w.Header().Set("Retry-After", retrySoon)
		bad = problems{"request": {"comes too often: slow down"}}
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

var (
	errTooLarge = errors.New("body too large")
	errNoMemory = errors.New("too many large bodies at once")
)

// refuseBody answers a body that could not be read.
func (c *Collector) refuseBody(w http.ResponseWriter, err error, tooLarge string) {
	w.Header().Set("Connection", "close") // the rest of it is of no use
	switch {
	case errors.Is(err, errTooLarge):
		c.refuse(w, http.StatusRequestEntityTooLarge, "request", tooLarge)
	case errors.Is(err, errNoMemory):
		c.m.refused.WithLabelValues("busy").Inc()
		c.answerProblem(w, http.StatusServiceUnavailable, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.m.refused.WithLabelValues("slow").Inc()
		c.answerProblem(w, http.StatusRequestTimeout, problems{"request": {"came too slowly"}})
	default:
		c.refuse(w, http.StatusBadRequest, "request", "could not be read")
	}
}

// buffers are the memory of one request.
type buffers struct {
	body []byte
	held int64        // of the shared budget
	who  netip.Prefix // whose part of it that is; invalid = nobody's
	recs []byte
	ends []int
	list [][]byte
}

const keepBuffer = 64 << 10 // bytes that an idle buffer may hold on to

func (c *Collector) buffer() *buffers {
	b := c.buffers.Get().(*buffers)
	b.body, b.recs, b.ends, b.list = b.body[:0], b.recs[:0], b.ends[:0], b.list[:0]
	return b
}

func (c *Collector) release(b *buffers) {
	c.bodies.give(b.held, b.who)
	b.held, b.who = 0, netip.Prefix{}
	if cap(b.body) > freeBody {
		b.body = nil
	}
	if cap(b.recs) > keepBuffer {
		b.recs, b.ends, b.list = nil, nil, nil
	}
	c.buffers.Put(b)
}

// readBody reads a body of at most limit bytes. Memory is taken as the body
// comes, so that who only says that much will come holds nothing.
func (b *buffers) readBody(r *http.Request, limit int, shared *budget) error {
	if r.ContentLength > int64(limit) {
		return errTooLarge
	}
	if b.body == nil {
		b.body = make([]byte, 0, freeBody)
	}
	for {
		if len(b.body) == cap(b.body) {
			size := min(4*cap(b.body), limit+1)
			if r.ContentLength > 0 {
				size = min(size, max(int(r.ContentLength)+1, cap(b.body)+1))
			}
			if !shared.take(int64(size)-b.held, b.who) {
				return errNoMemory
			}
			b.held = int64(size)
			b.body = append(make([]byte, 0, size), b.body...)
		}
		n, err := r.Body.Read(b.body[len(b.body):cap(b.body)])
		b.body = b.body[:len(b.body)+n]
		switch {
		case len(b.body) > limit:
			return errTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (b *buffers) add(e *event.Event) {
	b.recs = event.AppendEvent(b.recs, e)
	b.ends = append(b.ends, len(b.recs))
}

// cut takes back what was added from the n-th on.
func (b *buffers) cut(n int) {
	b.ends = b.ends[:n]
	end := 0
	if n > 0 {
		end = b.ends[n-1]
	}
	b.recs = b.recs[:end]
}

func (b *buffers) records() [][]byte {
	from := 0
	for _, end := range b.ends {
		b.list = append(b.list, b.recs[from:end:end])
		from = end
	}
	return b.list
}
