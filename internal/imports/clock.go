package imports

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// cutClock reads the time of day at the end of s, where there is one.
func (w *written) cutClock(s string) (date string, ok bool) {
	colon := strings.IndexAny(s, ":")
	if colon < 0 { // 14h30
		if i := strings.IndexByte(s, 'h'); i > 0 && i+1 < len(s) && isDigit(s[i-1]) && isDigit(s[i+1]) {
			colon = i
		}
	}
	if colon < 0 {
		return s, true
	}
	start := colon
	for start > 0 && isDigit(s[start-1]) {
		start--
	}
	date = strings.TrimRight(s[:start], " ")
	if start == 0 || colon-start > 2 || colon == start {
		return "", false
	}
	if before := s[start-1]; before != ' ' && before != 't' {
		return "", false
	}
	date = strings.TrimSuffix(strings.TrimSuffix(date, " à"), " um")
	if n := len(date); n > 1 && date[n-1] == 't' && isDigit(date[n-2]) {
		date = date[:n-1]
	}
	hour, _ := strconv.Atoi(s[start:colon])
	rest := s[colon+1:]
	minute, rest, ok := twoDigits(rest)
	if !ok {
		return "", false
	}
	second := 0
	if strings.HasPrefix(rest, ":") {
		if second, rest, ok = twoDigits(rest[1:]); !ok {
			return "", false
		}
		if strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, ",") { // parts of a second
			rest = strings.TrimLeft(rest[1:], "0123456789")
		}
	}
	rest = strings.TrimSpace(rest)
	half := ""
	for _, h := range []string{"am", "a.m.", "pm", "p.m."} {
		if after, found := strings.CutPrefix(rest, h); found {
			half, rest = h[:1], strings.TrimSpace(after)
			break
		}
	}
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "uhr"))
	switch {
	case half != "" && (hour < 1 || hour > 12), hour > 23, minute > 59, second > 59:
		return "", false
	case half == "p" && hour < 12:
		hour += 12
	case half == "a" && hour == 12:
		hour = 0
	}
	w.timed = true
	w.clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return date, w.readOffset(rest)
}

func (w *written) readOffset(s string) bool {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, "("), ")"))
	switch s {
	case "":
		return true
	case "z", "utc", "gmt":
		w.zoned = true
		return true
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "utc"), "gmt")
	sign := 1
	switch {
	case strings.HasPrefix(s, "+"):
	case strings.HasPrefix(s, "-"), strings.HasPrefix(s, "−"):
		sign = -1
	default:
		return false
	}
	s = strings.TrimLeft(s, "+-−")
	hours, minutes, parted := strings.Cut(s, ":")
	if !parted && len(s) == 4 {
		hours, minutes = s[:2], s[2:]
	}
	h, err := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(cmp.Or(minutes, "0"))
	if err != nil || err2 != nil || len(hours) > 2 || h > 14 || m > 59 {
		return false
	}
	w.zoned, w.offset = true, sign*(h*3600+m*60)
	return true
}

func twoDigits(s string) (n int, rest string, ok bool) {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0, "", false
	}
	return digitsValue(s[:2]), s[2:], true
}
