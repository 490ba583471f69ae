package collect

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/forwarded"
)

const maxBody = 1 << 20 // bytes of an event

// Values of headers, shared, so that they cost nothing.
var (
	plainText = []string{"text/plain; charset=utf-8"}
	expose    = []string{"X-Plausible-Dropped"}
)

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
		c.answerProblem(w, c.count(r, hitOutcome{}, nil, err), nil)
		return
	}
	if r.Header.Get("X-Debug-Request") == "true" {
		h["Content-Type"] = plainText
		io.WriteString(w, addr.String())
		return
	}
	buf := c.buffer()
	defer c.release(buf)
	if !sharedAddress(addr) {
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
