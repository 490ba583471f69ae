package collect

import (
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

// pixelGIF is the smallest transparent GIF: 43 bytes.
const pixelGIF = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

var imageGIF = []string{"image/gif"}

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
		var out hitOutcome
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
	io.WriteString(w, pixelGIF)
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
