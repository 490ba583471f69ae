package server

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
)

// Answers of text are sent in gzip. How long such an answer is tells whoever
// watches the line whether a text that they had put into it stands there a
// second time (BREACH), so:
//
//   - what another site makes a browser ask for is sent as it is (browsers say
//     so where the line is encrypted: Sec-Fetch-Site);
//   - pages that show a secret are never compressed (showsSecret); forms have no
//     token that could be guessed, see sameOrigin;
//   - every compressed answer is longer by some bytes that depend on its
//     content: jitter.
//
// Files are compressed when they are built; posts of events have answers that
// are too short, and a way of their own.
const (
	compressFrom = 1 << 10 // bytes: less fits a packet anyway
	jitter       = 64      // bytes at most
)

// compressed sends what next answers in gzip, to those who take it.
func compressed(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(compressFrom), gzhttp.EnableZstd(false),
		gzhttp.RandomJitter(jitter, 0, false), gzhttp.ContentTypeFilter(isText))
	if err != nil {
		return nil, err
	}
	zip := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if apart(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		if from := r.Header.Get("Sec-Fetch-Site"); from == "cross-site" || from == "same-site" {
			uncompressed(w.Header())
		}
		zip(w, r)
	}), nil
}

// apart are the paths that see to their own compression, or need none.
func apart(path string) bool {
	return strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/js/") ||
		strings.HasPrefix(path, "/api/event") || path == "/api/pixel.gif"
}

// showsSecret is for pages that show one: nobody keeps them, and their length
// tells nothing.
func showsSecret(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	uncompressed(c.Writer.Header())
}

func uncompressed(h http.Header) { h.Set(gzhttp.HeaderNoCompression, "1") }

// isText holds for the types of pages, data and files that are worth it.
func isText(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	switch strings.TrimSpace(strings.ToLower(kind)) {
	case "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/json", "application/xml", "image/svg+xml":
		return true
	}
	return false
}
