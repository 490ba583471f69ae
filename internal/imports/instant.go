package imports

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// IDs that networks give to posts hold the time at which they were made. They
// say it in no zone, so they show in which one a file has its times.
//
//   - X: milliseconds since 1288834974657 above the lowest 22 bits (Twitter's
//     announcement of snowflake, 2010).
//   - Instagram: the address's eleven characters are a number in base 64, with
//     milliseconds since 1314220021721 above the lowest 23 bits (Instagram's
//     engineers, "Sharding & IDs at Instagram", 2012). Seen in 2026: a post of
//     15:30 in an export of Meta's has 22:30:17 UTC, so that was Pacific time.
//     A post that was prepared before has the time of that.
//   - LinkedIn: milliseconds since 1970 above the lowest 22 bits of an activity
//     (seen in public tools that read dates of posts off their addresses).
//   - TikTok: seconds since 1970 above the lowest 32 bits of a video (likewise).

// instantOf is when a post was made, as its ID or its address says.
func instantOf(network, id, address string) (time.Time, bool) {
	var ms int64
	host, path := hostAndPath(address)
	switch {
	case network == "instagram" || host == "instagram.com":
		n, ok := instagramNumber(path)
		if !ok {
			return time.Time{}, false
		}
		ms = int64(n>>23) + 1314220021721
	case network == "x" || host == "x.com" || host == "twitter.com":
		n, ok := longNumber(id)
		if !ok {
			return time.Time{}, false
		}
		ms = int64(n>>22) + 1288834974657
	case network == "linkedin" || host == "linkedin.com":
		n, ok := longNumber(lastNumber(address + " " + id))
		if !ok {
			return time.Time{}, false
		}
		ms = int64(n >> 22)
	case network == "tiktok" || host == "tiktok.com":
		n, ok := longNumber(lastNumber(path))
		if !ok {
			if n, ok = longNumber(id); !ok {
				return time.Time{}, false
			}
		}
		ms = int64(n>>32) * 1000
	default:
		return time.Time{}, false
	}
	at := time.UnixMilli(ms).UTC()
	return at, at.Year() >= 2010 && at.Year() < 2100
}

// longNumber is an ID of 64 bits, of which short ones are none.
func longNumber(s string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 63)
	return n, err == nil && len(strings.TrimSpace(s)) >= 15
}

// lastNumber is the last of the long numbers in s.
func lastNumber(s string) string {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	slices.Reverse(fields)
	for _, f := range fields {
		if len(f) >= 15 && len(f) <= 19 {
			return f
		}
	}
	return ""
}

func instagramNumber(path string) (n uint64, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, p := range parts[:len(parts)-1] {
		if !slices.Contains([]string{"p", "reel", "reels", "tv"}, p) {
			continue
		}
		code := parts[i+1]
		if len(code) < 11 {
			return 0, false
		}
		for _, c := range code[:11] { // more stands behind the codes of private posts
			at := strings.IndexRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", c)
			if at < 0 {
				return 0, false
			}
			n = n<<6 | uint64(at)
		}
		return n, true
	}
	return 0, false
}

// hostAndPath of a web address; the host without www.
func hostAndPath(address string) (host, path string) {
	if !strings.HasPrefix(address, "http") {
		return "", ""
	}
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	host, path, _ = strings.Cut(rest, "/")
	return strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(host), "www."), "m."), "/" + path
}
