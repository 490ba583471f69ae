package server

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"
)

// Answers of text are compressed with gzip. The length of a compressed answer
// tells an attacker who sees the traffic whether a text that they put into it
// occurs in it a second time (BREACH), so:
//
//   - answers to cross-site requests are sent uncompressed (over HTTPS, browsers
//     mark such requests by Sec-Fetch-Site);
//   - pages that show a secret are never compressed (showsSecret); forms have no
//     token that could be guessed, see sameOrigin;
//   - every compressed answer is longer by some bytes that depend on its
//     content: jitter.
//
// Assets are compressed when they are built. Requests that send events don't come
// this way, and their answers are too short.
const (
	compressFrom = 1 << 10 // bytes: less fits a packet anyway
	jitter       = 64      // bytes at most
)

// compressed compresses next's answers for clients that accept gzip.
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

// apart reports whether a path's handler compresses by itself, or has nothing to
// compress.
func apart(path string) bool {
	return strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/js/") ||
		strings.HasPrefix(path, "/api/event") || path == "/api/pixel.gif"
}

// showsSecret marks a page that shows a secret: it is neither cached nor
// compressed.
func showsSecret(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	uncompressed(c.Writer.Header())
}

func uncompressed(h http.Header) { h.Set(gzhttp.HeaderNoCompression, "1") }

// isText reports whether a content type is worth compressing.
func isText(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	switch strings.TrimSpace(strings.ToLower(kind)) {
	case "text/html", "text/css", "text/plain", "text/csv", "text/javascript", "application/json", "application/xml", "image/svg+xml":
		return true
	}
	return false
}
