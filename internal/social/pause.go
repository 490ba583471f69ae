package social

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// askedToWait reads how long the network asks to be left alone: Retry-After
// (seconds or a date); where nothing is left of the limit, X-RateLimit-Reset,
// X-Rate-Limit-Reset or RateLimit-Reset (an ISO time, seconds since 1970, or
// seconds from now); and Meta's headers on the app's usage. 0 = no wait is
// asked for.
func askedToWait(h http.Header, now time.Time) time.Duration {
	until := func(s string) time.Duration {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n >= 0 {
			if n > 1_000_000_000 {
				return time.Unix(int64(n), 0).Sub(now)
			}
			return time.Duration(min(n, 7*24*3600) * float64(time.Second))
		}
		for _, layout := range []string{time.RFC3339Nano, http.TimeFormat} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.Sub(now)
			}
		}
		return 0
	}
	wait := until(h.Get("Retry-After"))
	for _, prefix := range []string{"X-RateLimit-", "X-Rate-Limit-", "RateLimit-"} {
		if left, err := strconv.ParseFloat(strings.TrimSpace(h.Get(prefix+"Remaining")), 64); err == nil && left < 1 {
			wait = max(wait, until(h.Get(prefix+"Reset")))
		}
	}
	wait = max(wait, graphUsage(h))
	return min(max(wait, 0), 7*24*time.Hour)
}

const (
	graphRest = time.Hour // calls are counted over an hour
	graphFull = 95        // percent of the allowance from which on it rests
)

// graphUsage is how long to leave Meta alone: an hour where the app's allowance
// is nearly used up, and as long as Meta says where access is already blocked.
func graphUsage(h http.Header) (wait time.Duration) {
	type usage struct {
		Calls   float64 `json:"call_count"`
		Time    float64 `json:"total_time"`
		CPU     float64 `json:"total_cputime"`
		Minutes float64 `json:"estimated_time_to_regain_access"`
	}
	heed := func(u usage) {
		if max(u.Calls, u.Time, u.CPU) >= graphFull {
			wait = max(wait, graphRest)
		}
		wait = max(wait, time.Duration(u.Minutes*float64(time.Minute)))
	}
	var app usage
	if json.Unmarshal([]byte(h.Get("X-App-Usage")), &app) == nil {
		heed(app)
	}
	var business map[string][]usage
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &business) == nil {
		for _, list := range business {
			for _, u := range list {
				heed(u)
			}
		}
	}
	return wait
}
