package query_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

func paris(t testing.TB) query.Site {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return query.Site{ID: 1, Domain: "example.com", Location: loc, Since: at("2025-06-15 23:30:00")}
}

func TestPeriods(t *testing.T) {
	site := paris(t)
	// Twenty past midnight of the 23rd in Paris, the 22nd in UTC.
	now := at("2026-11-22 23:20:00")
	tests := []struct{ url, from, to string }{
		{"", "2026-10-27", "2026-11-24"},
		{"period=today", "2026-11-23", "2026-11-24"},
		{"period=yesterday", "2026-11-22", "2026-11-23"},
		{"period=7d", "2026-11-17", "2026-11-24"},
		{"period=28d", "2026-10-27", "2026-11-24"},
		{"period=91d", "2026-08-25", "2026-11-24"},
		{"period=month", "2026-11-01", "2026-12-01"},
		{"period=12mo", "2025-12-01", "2026-12-01"},
		{"period=all", "2025-06-16", "2026-11-24"},
		{"period=custom&from=2026-01-01&to=2026-01-31", "2026-01-01", "2026-02-01"},
		{"from=2026-03-29&to=2026-03-29", "2026-03-29", "2026-03-30"},
	}
	for _, test := range tests {
		t.Run(test.url, func(t *testing.T) {
			v, _ := url.ParseQuery(test.url)
			view, err := query.FromURL(site, v, now)
			if err != nil {
				t.Fatal(err)
			}
			const layout = "2006-01-02T15:04:05"
			if got, want := view.Range.From.In(site.Location).Format(layout), test.from+"T00:00:00"; got != want {
				t.Errorf("from %s, want %s", got, want)
			}
			if got, want := view.Range.To.In(site.Location).Format(layout), test.to+"T00:00:00"; got != want {
				t.Errorf("to %s, want %s", got, want)
			}
		})
	}
}

func TestURLErrors(t *testing.T) {
	tests := []struct{ url, field string }{
		{"period=eternity", "period"},
		{"period=custom", "from"},
		{"from=2026-01-01", "to"},
		{"from=2026-02-01&to=2026-01-01", "to"},
		{"from=2026-02-31&to=2026-03-01", "from"},
		{"from=0001-01-01&to=2026-03-01", "from"},
		{"compare=everything", "compare"},
		{"interval=minute", "interval"},
		{"metric=money", "metric"},
		{"f=is", "f"},
		{"f=is,visit:source", "f"},
		{"f=is,visit:nothing,x", "f"},
		{"f=equals,visit:source,x", "f"},
		{"f=and,visit:source,x", "f"},
		{"f=is,time:day,x", "f"},
		{"f=matches,visit:source,(", "f"},
		{"f=is,visit:source,%22x", "f"},
		{"f=is,visit:source,a%0Ab", "f"},
	}
	for _, test := range tests {
		v, err := url.ParseQuery(test.url)
		if err != nil {
			t.Fatal(err)
		}
		var bad *query.InvalidError
		if _, err := query.FromURL(paris(t), v, at("2026-11-23 00:00:00")); !errors.As(err, &bad) || bad.Field != test.field {
			t.Errorf("%s: %v, want an error of %s", test.url, err, test.field)
			continue
		}
		for _, lang := range text.Locales() {
			if said := bad.In(lang); !strings.HasPrefix(said, test.field) || strings.Contains(said, "%!") {
				t.Errorf("%s: in %s it says %s", test.url, lang, said)
			}
		}
		if bad.In("fr") == bad.In("en") {
			t.Errorf("%s: no French for %v", test.url, bad)
		}
	}
}

func TestFiltersInURLs(t *testing.T) {
	v, _ := url.ParseQuery("f=is,visit:source,&f=contains_not/i,event:page,%22a,b%22,c&f=is,event:props:a%20b,%22say%20%22%22hi%22%22%22")
	view, err := query.FromURL(paris(t), v, at("2026-11-23 00:00:00"))
	if err != nil {
		t.Fatal(err)
	}
	want := []query.Filter{
		{Op: query.Is, Dimension: "visit:source", Values: []string{""}},
		{Op: query.ContainsNot, Dimension: "event:page", Values: []string{"a,b", "c"}, IgnoreCase: true},
		{Op: query.Is, Dimension: "event:props:a b", Values: []string{`say "hi"`}},
	}
	if diff := cmp.Diff(want, view.Filters); diff != "" {
		t.Error(diff)
	}
}

func TestViewLinks(t *testing.T) {
	v, _ := url.ParseQuery("f=is,visit:source,Google&interval=hour&metric=shares&lang=fr")
	view, err := query.FromURL(paris(t), v, at("2026-11-23 00:00:00"))
	if err != nil {
		t.Fatal(err)
	}
	other := view.With(func(v *query.View) { v.Filters = append(v.Filters, is("visit:country", "FR")) })
	month, err := view.InPeriod("month", "", "")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{view.Encode(), other.Encode(), month.Encode()}
	want := []string{
		"f=is%2Cvisit%3Asource%2CGoogle&interval=hour&lang=fr&metric=shares",
		"f=is%2Cvisit%3Asource%2CGoogle&f=is%2Cvisit%3Acountry%2CFR&interval=hour&lang=fr&metric=shares",
		"f=is%2Cvisit%3Asource%2CGoogle&lang=fr&metric=shares&period=month",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if q := view.Query([]string{"shares"}, "time"); q.Dimensions[0] != "time:hour" || len(q.Filter) != 1 {
		t.Errorf("%+v", q)
	}
}

func TestIntervals(t *testing.T) {
	for period, want := range map[string]metric.Bucket{"today": metric.Hour, "7d": metric.Day, "91d": metric.Day, "12mo": metric.Month} {
		view, err := query.FromURL(paris(t), url.Values{"period": {period}}, at("2026-11-23 00:00:00"))
		if err != nil || view.Bucket() != want {
			t.Errorf("%s: %s, want %s (%v)", period, view.Bucket(), want, err)
		}
	}
	view, _ := query.FromURL(paris(t), url.Values{"period": {"12mo"}, "interval": {"hour"}}, at("2026-11-23 00:00:00"))
	if view.Bucket() != metric.Month {
		t.Errorf("a year by hours: %s", view.Bucket())
	}
}

// Whatever a URL holds, it is refused or it survives being written and read
// again, and asks a query that can be built.
func FuzzFromURL(f *testing.F) {
	for _, seed := range []string{
		"", "period=today", "period=12mo&compare=year&interval=week", "from=2026-01-01&to=2026-12-31&metric=visitors",
		"f=is,visit:source,Google", "f=is_not,event:page,\"a,b\",&f=matches/i,event:props:x,^a", "lang=fr&f=contains,visit:referrer, x",
		"period=custom&from=2026-03-29&to=2026-03-29", "f=is,account:network,mastodon", "f=is,event:page,%00",
	} {
		f.Add(seed)
	}
	site, now := paris(f), at("2026-11-23 10:00:00")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		view, err := query.FromURL(site, v, now)
		if err != nil {
			var bad *query.InvalidError
			if !errors.As(err, &bad) {
				t.Fatalf("%v", err)
			}
			return
		}
		again, _ := url.ParseQuery(view.Encode())
		back, err := query.FromURL(site, again, now)
		if err != nil {
			t.Fatalf("%q became %q: %v", s, view.Encode(), err)
		}
		if diff := cmp.Diff(view, back, cmp.Comparer(func(a, b *time.Location) bool { return a == b })); diff != "" {
			t.Fatal(diff)
		}
		st, err := query.Build(view.Query([]string{"visitors", "followers"}, "time"))
		var bad *query.InvalidError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for _, f := range view.Filters {
			for _, value := range f.Values {
				if len(value) > 12 && strings.Contains(st.SQL, value) {
					t.Fatalf("%q is in the SQL", value)
				}
			}
		}
	})
}

// Both texts of every reason read the same values in the same order.
func TestReasonsInBothLanguages(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`invalid\((?:"[a-z_]+"|field), ("(?:[^"\\]|\\.)*")(, "(?:[^"\\]|\\.)*")?`)
	verb := regexp.MustCompile(`%\w`)
	n := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			n++
			if en, fr := verb.FindAllString(m[1], -1), verb.FindAllString(m[2], -1); m[2] == "" || !slices.Equal(en, fr) {
				t.Errorf("%s: %s and %s", file, m[1], m[2])
			}
		}
	}
	if n < 30 {
		t.Errorf("found %d reasons only", n)
	}
}

// What a question gets wrong is said back by its beginning alone.
func TestLongWrongValuesAreCut(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, values := range []url.Values{{"f": {long}}, {"f": {"is,visit:" + long + ",a"}}, {"period": {long}}, {"from": {long}, "to": {"2026-01-01"}}, {"metric": {long}}, {"compare": {long}}} {
		_, err := query.FromURL(query.Site{ID: 1, Location: time.UTC}, values, time.Now())
		var invalid *query.InvalidError
		if !errors.As(err, &invalid) {
			continue // not read at all
		}
		if len(invalid.Reason.EN) > 1000 || len(invalid.Reason.FR) > 1000 {
			t.Errorf("%.40v: %d bytes are said back", values, len(invalid.Reason.EN))
		}
	}
}
