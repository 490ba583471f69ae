package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// failRegexes are those of docs/fail2ban's filter, in Go's syntax.
func failRegexes(t *testing.T) []*regexp.Regexp {
	t.Helper()
	b, err := os.ReadFile("../../docs/fail2ban/earshot.conf")
	if err != nil {
		t.Fatal(err)
	}
	var all []*regexp.Regexp
	inside := false
	for line := range strings.Lines(string(b)) {
		text, first := strings.CutPrefix(line, "failregex = ")
		inside = first || inside && strings.HasPrefix(line, " ")
		if !inside {
			continue
		}
		text = strings.ReplaceAll(strings.TrimSpace(text), "%%", "%")
		all = append(all, regexp.MustCompile(strings.ReplaceAll(text, "<ADDR>", `(?P<addr>[0-9A-Fa-f.:]+)`)))
	}
	if len(all) == 0 {
		t.Fatal("the filter has no failregex")
	}
	return all
}

// lineTime is the time of a line, which fail2ban takes out before it looks.
var lineTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)

// TestFail2ban: the documented filter finds the client's address of each failed
// log-in, in both formats of the log, and can't be tricked by what a client sends.
func TestFail2ban(t *testing.T) {
	filters := failRegexes(t)
	found := func(log string) (addresses []string) {
		for line := range strings.Lines(log) {
			line = lineTime.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")
			for _, prefix := range []string{"", " host earshot[12]: "} { // systemd's journal adds this
				for _, f := range filters {
					if m := f.FindStringSubmatch(prefix + line); m != nil {
						addresses = append(addresses, m[f.SubexpIndex("addr")])
					}
				}
			}
		}
		return addresses
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			r := newRig(t, func(d *Deps) { behindProxy(d); d.Log = slog.New(handler(&log)) })
			r.now = time.Now()
			r.owner()
			c := r.client().from("203.0.113.9")
			if a := c.login(ownerEmail, ownerPassword); a.status != http.StatusSeeOther || log.Len() > 0 {
				t.Errorf("a log-in answers %d and logs %q", a.status, &log)
			}
			forged := "x\ntime=2026-11-30T06:30:00Z level=WARN msg=\"log-in failed\" address=198.51.100.66 reason=password\n"
			r.client().from("2001:db8::9").login(forged, "a guess of mine")
			r.server.Log.Warn("something else", "text", forged)
			r.server.Log.Warn(forged)
			c = r.client().from("203.0.113.9")
			for range int(accountLimit.burst) + 5 { // rejected tries are logged once
				c.login(ownerEmail, "a guess of mine")
			}
			r.signedIn().from("203.0.113.7").post("/account/email", "email", ownerEmail, "password_now", "a guess of mine")
			want := map[string]int{"2001:db8::9": 2, "203.0.113.9": 2 * (int(accountLimit.burst) + 1), "203.0.113.7": 2}
			got := map[string]int{}
			for _, a := range found(log.String()) {
				got[a]++
			}
			for a, n := range want {
				if got[a] != n {
					t.Errorf("%s is found %d times, want %d", a, got[a], n)
				}
				delete(got, a)
			}
			if len(got) > 0 {
				t.Errorf("found too: %v", got)
			}
			for _, secret := range []string{ownerEmail, "guess"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log has %q", secret)
				}
			}
			if t.Failed() {
				t.Log(log.String())
			}
		})
	}
}
