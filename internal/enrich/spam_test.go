package enrich

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// spamOf is the domain for which a hit is left out as spam.
func spamOf(t testing.TB, e *Enricher, page, referrer string) string {
	t.Helper()
	p, err := e.Page(Hit{URL: page, Referrer: referrer, UserAgent: chrome})
	if err != nil {
		t.Fatal(err)
	}
	reason, name := p.LeftOut()
	if reason != "" && reason != event.LeftSpam || reason == "" && p.Path == "" {
		t.Errorf("%s is left out as %q", referrer, reason)
	}
	return name
}

func TestSpamByRules(t *testing.T) {
	e := newEnricher(t, Options{})
	const page = "https://blog.example/"
	for _, c := range []struct{ page, referrer, want string }{
		{page, "http://semalt.com/crawler.php?u=http://blog.example", "semalt.com"},
		{page, "http://65.semalt.co.uk/", "semalt.co.uk"},
		{page, "http://free-social-buttons7.xyz/", "free-social-buttons7.xyz"},
		{page, "https://www.buy-cheap-website-traffic.example/", "buy-cheap-website-traffic.example"},
		{page, "https://law-enforcement-check-three.example/", "law-enforcement-check-three.example"},
		{page, "https://bottraffic329.example/", "bottraffic329.example"},
		{page, "http://secret.\u0262oogle.com/", "\u0262oogle.com"},
		{page, "http://xn--oogle-wmc.com/", "\u0262oogle.com"},
		{page, "http://www.r\u0435ddit.com/", "xn--rddit-zwe.com"},
		{page + "?utm_source=semalt.com", "", "semalt.com"},
		{page + "?ref=http://free-share-buttons.example/x", "", "free-share-buttons.example"},
		{page + "?p=1&amp;utm_source=semalt.com", "", "semalt.com"},

		{page, "https://www.google.com/", ""},
		{page, "https://not-semalt.example/", ""},
		{page, "https://semalt.example.org/", ""},
		{page, "https://blog.example.com/free-traffic-buttons", ""},
		{page, "https://free-wifi.example/", ""},
		{page, "https://traffic-news.example/", ""},
		{page, "https://seo-agency.example/", ""},
		{page, "https://b\u00fccher.example/", ""},
		{page, "https://\u0440\u0435\u0434\u0434\u0438\u0442.example/", ""},
		{page + "?utm_source=free-traffic", "", ""},
		{page + "?utm_source=me@semalt.com", "", ""},
		{page, "android-app://com.semalt.android/", ""},
		{"https://free-traffic.example/", "https://www.free-traffic.example/other", ""},
	} {
		if got := spamOf(t, e, c.page, c.referrer); got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.page, c.referrer, got, c.want)
		}
	}
}

// Every known source is more than a name that looks like spam.
func TestKnownSourcesAreNoSpam(t *testing.T) {
	e := newEnricher(t, Options{})
	for domain := range e.table.domains {
		if got := spamOf(t, e, "https://blog.example/", "https://"+domain+"/"); got != "" {
			t.Errorf("%s is left out for %s", domain, got)
		}
	}
}

func TestSpamList(t *testing.T) {
	now, data := time.Unix(1_700_000_000, 0), t.TempDir()
	file := filepath.Join(data, SpamListName)
	age := 0
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		age++ // a file system's clock may be coarse
		if err := os.Chtimes(file, now, now.Add(time.Duration(age)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	e := newEnricher(t, Options{DataDir: data, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&log, nil))})
	check := func(what string, want map[string]string) {
		t.Helper()
		for host, domain := range want {
			if got := spamOf(t, e, "https://blog.example/", "https://"+host+"/x"); got != domain {
				t.Errorf("%s: %s is %q, want %q", what, host, got, domain)
			}
		}
	}
	check("no list", map[string]string{"spam.example": "", "semalt.com": "semalt.com"})

	write("\ufeffspam.example\r\n# a comment\n\n  Other.EXAMPLE. # one more\nxn--bcher-kva.example\nwww.third.example\n!semalt.com\n!good.spam.example\nno domain\nhttp://x.example/\n*.example\n")
	check("within the second", map[string]string{"spam.example": ""})
	now = now.Add(spamListCheck)
	check("read", map[string]string{
		"spam.example": "spam.example", "a.b.spam.example": "spam.example", "www.spam.example": "spam.example", "spam.example.org": "", "myspam.example": "",
		"other.example": "other.example", "b\u00fccher.example": "b\u00fccher.example", "third.example": "third.example", "x.example": "",
		"semalt.com": "", "www.semalt.com": "", "semalt.de": "semalt.de", "good.spam.example": "", "very.good.spam.example": "",
	})
	if !strings.Contains(log.String(), "domains=4 bad_lines=3") {
		t.Errorf("the log says %s", &log)
	}

	write("google.com\n")
	now = now.Add(spamListCheck)
	check("changed", map[string]string{"spam.example": "", "www.google.com": "google.com", "semalt.com": "semalt.com"})

	now = now.Add(-time.Hour)
	write("back.example\n")
	check("after the clock was set back", map[string]string{"back.example": "back.example"})

	now = now.Add(2 * time.Hour)
	write("long.example\n" + strings.Repeat("\n", maxSpamList-len("long.example\n")))
	check("as long as may be", map[string]string{"long.example": "long.example"})
	now = now.Add(spamListCheck)
	write(strings.Repeat("\n", maxSpamList+1))
	check("too long", map[string]string{"long.example": "long.example"})
	if !strings.Contains(log.String(), "16 MiB") {
		t.Errorf("the log says %s", &log)
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	now = now.Add(spamListCheck)
	check("gone", map[string]string{"long.example": ""})
}

// A list of the size that public ones have costs an event next to nothing.
func BenchmarkPageWithSpamList(b *testing.B) {
	data := b.TempDir()
	var list strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&list, "spam%d.example\n", i)
	}
	if err := os.WriteFile(filepath.Join(data, SpamListName), []byte(list.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	e := newEnricher(b, Options{DataDir: data})
	h := Hit{URL: "https://blog.example/a?utm_source=newsletter&utm_medium=email", Referrer: "https://www.google.co.uk/", UserAgent: chrome}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Page(h); err != nil {
			b.Fatal(err)
		}
	}
}
