package chart

import (
	"bytes"
	"encoding/json"
	"flag"
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

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is a page that a reader may have invented.
const hostile = `</script><script>alert(1)</script>`

func dim(key string) query.Column {
	d, _, ok := metric.LookupDimension(key)
	if !ok {
		panic(key)
	}
	return query.Column{Key: key, Title: d.Title, Empty: d.Empty, Bucket: d.Bucket}
}

func met(key string) query.Column {
	m, ok := metric.Lookup(key)
	if !ok {
		panic(key)
	}
	return query.Column{Key: key, Metric: true, Title: m.Title, Unit: m.Unit, Good: m.Good}
}

// days are n buckets to today, which is not over.
func days(n int) []query.Bucket {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	out := make([]query.Bucket, n)
	for i := range out {
		start := time.Date(2026, 11, 23-n+1+i, 0, 0, 0, 0, paris)
		out[i] = query.Bucket{Start: start, From: start, To: start.AddDate(0, 0, 1), Incomplete: i == n-1}
	}
	return out
}

// overDays is a result with one row a day.
func overDays(column query.Column, values ...any) *query.Result {
	r := &query.Result{Columns: []query.Column{dim("time:day"), column}, Buckets: days(len(values))}
	for i, v := range values {
		r.Rows = append(r.Rows, []any{r.Buckets[i].Start, v})
	}
	return r
}

func TestGoldens(t *testing.T) {
	byNetwork := &query.Result{Columns: []query.Column{dim("time:day"), dim("account:network"), met("followers")}, Buckets: days(3)}
	shares := &query.Result{Columns: []query.Column{dim("time:day"), dim("share:network"), met("shares")}, Buckets: byNetwork.Buckets}
	for i, b := range byNetwork.Buckets {
		for n, network := range []string{"mastodon", hostile} {
			byNetwork.Rows = append(byNetwork.Rows, []any{b.Start, network, int64(100*(n+1) + i)})
			shares.Rows = append(shares.Rows, []any{b.Start, network, int64(10*(n+1) + i)})
		}
	}
	// Two days read, the second not over; two to come.
	ahead := &query.Result{Columns: []query.Column{dim("time:day"), met("followers")}, Buckets: days(4)}
	for _, key := range []string{expected, low, high, level} {
		ahead.Columns = append(ahead.Columns, query.Column{Key: key, Metric: true, Title: text.Text{EN: key, FR: key}, Unit: metric.Count})
	}
	several := &query.Result{Columns: append([]query.Column{dim("time:day"), dim("account:network")}, ahead.Columns[1:]...), Buckets: ahead.Buckets}
	for i, values := range [][]any{{int64(100), nil, nil, nil, int64(140)}, {int64(110), int64(112), int64(111), int64(114), int64(140)}, {nil, int64(120), int64(115), int64(126), int64(140)}, {nil, int64(126), int64(117), int64(133), int64(140)}} {
		b := &ahead.Buckets[i]
		b.Incomplete, b.Future = i > 0, i > 1
		ahead.Rows = append(ahead.Rows, append([]any{b.Start}, values...))
		several.Rows = append(several.Rows, append([]any{b.Start, "mastodon"}, values...))
	}
	mark := query.Column{Key: estimateColumn}
	percent := query.Column{Key: "value", Metric: true, Unit: metric.Percent}
	rates := &query.Result{Columns: []query.Column{dim("time:year"), {Key: "study:subject"}, mark, percent}}
	for y := 2009; y < 2012; y++ {
		start := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
		rates.Buckets = append(rates.Buckets, query.Bucket{Start: start})
		rates.Rows = append(rates.Rows, []any{start, "Facebook", map[bool]string{true: estimate}[y == 2011], float64(10 * (2012 - y))})
	}
	rates.Rows = append(rates.Rows, []any{rates.Buckets[0].Start, hostile, "", 293.1})
	changes := &query.Result{Columns: []query.Column{{Key: "study:measure"}, {Key: "study:segment"}, percent}, Rows: [][]any{
		{"up", "world", 7.6}, {"up", "US", 5.0}, {"down", "world", -3.1}, {hostile, "US", nil},
	}}
	// Three days of which the last is not over, projected, and rounded.
	onward := overDays(met("follower_growth"), 4.0, 2.0, 1.0)
	onward.Columns = append(onward.Columns, query.Column{Key: "follower_growth_projected", Metric: true, Projects: "follower_growth", Unit: metric.Percent},
		query.Column{Key: "rounded_accounts", Metric: true, Mark: true})
	for i, v := range []any{nil, nil, 2.5} {
		onward.Rows[i] = append(onward.Rows[i], v, int64(i))
	}
	onwardByNetwork := &query.Result{Columns: append([]query.Column{dim("time:day"), dim("share:network"), met("shares")},
		query.Column{Key: "shares_projected", Metric: true, Projects: "shares", Unit: metric.Count}), Buckets: days(2)}
	for _, row := range [][]any{{int64(10), nil, "mastodon"}, {int64(4), int64(12), "mastodon"}, {int64(7), nil, "x"}, {int64(1), int64(3), "x"}} {
		b := onwardByNetwork.Buckets[len(onwardByNetwork.Rows)%2]
		onwardByNetwork.Rows = append(onwardByNetwork.Rows, []any{b.Start, row[2], row[0], row[1]})
	}
	before := overDays(met("visitors"), int64(5), int64(6), int64(7), int64(8))
	for name, c := range map[string]struct {
		kind string
		in   Input
	}{
		"area-compared":             {"area", Input{Result: overDays(met("visitors"), int64(10), int64(0), int64(12), int64(4)), Previous: before, PreviousName: "Period before"}},
		"line-with-gap":             {"line", Input{Result: overDays(met("followers"), int64(100), nil, int64(104), nil, int64(108), int64(109))}},
		"forecast":                  {"forecast", Input{Result: ahead}},
		"forecasts":                 {"forecast", Input{Result: several}},
		"grouped":                   {"grouped", Input{Result: rates}},
		"diverging":                 {"diverging", Input{Result: changes}},
		"line-by-network":           {"line", Input{Result: byNetwork}},
		"stacked-by-network":        {"stacked", Input{Result: shares}},
		"columns-of-growth":         {"columns", Input{Result: overDays(met("follower_growth"), 90.3, -38.6, nil, 13.4)}},
		"columns-beside-references": {"columns", Input{Result: overDays(met("repeat_sharers"), 12.5, nil, 8.0, 20.0)}},
		"line-projected":            {"line", Input{Result: onward}},
		"columns-projected":         {"columns", Input{Result: onward}},
		"stacked-projected":         {"stacked", Input{Result: onwardByNetwork, ProjectedName: "All, projected"}},
		"heatmap":                   {"heatmap", Input{Result: &query.Result{Columns: []query.Column{dim("time:day_of_week"), dim("time:hour_of_day"), met("pageviews")}, Rows: [][]any{{int64(1), int64(0), int64(3)}, {int64(7), int64(23), int64(9)}, {int64(2), int64(4), nil}}}}},
		"map":                       {"map", Input{Result: &query.Result{Columns: []query.Column{dim("visit:country"), met("visitors")}, Rows: [][]any{{"FR", int64(9)}, {"US", int64(3)}, {"", int64(2)}, {"XX", int64(1)}}}}},
		"bubbles":                   {"bubbles", Input{Result: &query.Result{Columns: []query.Column{dim("share:network"), met("shares"), met("visits_per_share"), met("share_visits")}, Rows: [][]any{{"mastodon", int64(90), 2.5, int64(225)}, {hostile, int64(10), 0.9, int64(9)}, {"copy", int64(0), nil, int64(3)}}}}},
		"empty-area":                {"area", Input{Result: &query.Result{Columns: []query.Column{dim("time:day"), met("visitors")}}}},
	} {
		t.Run(name, func(t *testing.T) {
			k, ok := Lookup(c.kind)
			if !ok {
				t.Fatalf("no kind %s", c.kind)
			}
			p, err := k.Draw(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(p.Option, []byte("<")) {
				t.Error("an unescaped < in the option")
			}
			var got bytes.Buffer
			if err := json.Indent(&got, p.Option, "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("option (-want +got):\n%s", d)
			}
		})
	}
}

// option is what these tests read of an option.
type option struct {
	Series []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Data []struct {
			Value any `json:"value"`
		} `json:"data"`
		LineStyle struct {
			Type  string `json:"type"`
			Color string `json:"color"`
		} `json:"lineStyle"`
	} `json:"series"`
	XAxis []struct {
		Data []string `json:"data"`
	} `json:"xAxis"`
}

func draw(t *testing.T, kind string, in Input) option {
	t.Helper()
	k, _ := Lookup(kind)
	p, err := k.Draw(in)
	if err != nil {
		t.Fatal(err)
	}
	var o option
	if err := json.Unmarshal(p.Option, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o option) values(t *testing.T, id string) []any {
	t.Helper()
	for _, s := range o.Series {
		if s.ID == id {
			var out []any
			for _, d := range s.Data {
				out = append(out, d.Value)
			}
			return out
		}
	}
	t.Fatalf("no series %s", id)
	return nil
}

func TestUnknownIsAGapAndZeroIsZero(t *testing.T) {
	o := draw(t, "line", Input{Result: overDays(met("followers"), int64(100), nil, int64(0), int64(1), int64(2))})
	if d := cmp.Diff([]any{100.0, "-", 0.0, 1.0, "-"}, o.values(t, "followers")); d != "" {
		t.Errorf("solid line (-want +got):\n%s", d)
	}
}

func TestDayThatIsNotOverIsDotted(t *testing.T) {
	o := draw(t, "area", Input{Result: overDays(met("visitors"), int64(10), int64(11), int64(2))})
	if d := cmp.Diff([]any{10.0, 11.0, "-"}, o.values(t, "visitors")); d != "" {
		t.Errorf("solid (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{"-", 11.0, 2.0}, o.values(t, "visitors~")); d != "" {
		t.Errorf("dotted (-want +got):\n%s", d)
	}
	if got := o.Series[1].LineStyle.Type; got != "dotted" {
		t.Errorf("the end is %q", got)
	}
}

// What a day may come to stands apart from what it has: a point of its own,
// or the rest of a column.
func TestProjectionsStandApart(t *testing.T) {
	res := overDays(met("visitors"), int64(10), int64(11), int64(2))
	res.Columns = append(res.Columns, query.Column{Key: "visitors_projected", Metric: true, Projects: "visitors", Unit: metric.Count})
	for i, v := range []any{nil, nil, int64(8)} {
		res.Rows[i] = append(res.Rows[i], v)
	}
	o := draw(t, "area", Input{Result: res})
	if d := cmp.Diff([]any{"-", 11.0, 8.0}, o.values(t, "visitors^")); d != "" {
		t.Errorf("line (-want +got):\n%s", d)
	}
	o = draw(t, "columns", Input{Result: res})
	if d := cmp.Diff([]any{10.0, 11.0, 2.0}, o.values(t, "visitors")); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{"-", "-", 6.0}, o.values(t, "visitors^")); d != "" {
		t.Errorf("the rest of the last (-want +got):\n%s", d)
	}
}

func TestLoneReadingIsSeen(t *testing.T) {
	o := draw(t, "line", Input{Result: overDays(met("followers"), nil, int64(5), nil, int64(7), int64(8), int64(9))})
	if got := o.values(t, "followers~")[1]; got != 5.0 {
		t.Errorf("a reading between two gaps is drawn as %v", got)
	}
}

func TestPeriodBeforeIsLaidOverByPosition(t *testing.T) {
	now := overDays(met("visitors"), int64(1), int64(2), int64(3))
	for name, c := range map[string]struct {
		before *query.Result
		want   []any
	}{
		"as long": {overDays(met("visitors"), int64(7), int64(8), int64(9)), []any{7.0, 8.0, 9.0}},
		"shorter": {overDays(met("visitors"), int64(7), int64(8)), []any{7.0, 8.0, "-"}},
		"longer":  {overDays(met("visitors"), int64(7), int64(8), int64(9), int64(10)), []any{7.0, 8.0, 9.0}},
	} {
		t.Run(name, func(t *testing.T) {
			o := draw(t, "area", Input{Result: now, Previous: c.before, PreviousName: "Before"})
			if d := cmp.Diff(c.want, o.values(t, "previous:visitors")); d != "" {
				t.Errorf("before (-want +got):\n%s", d)
			}
			last := o.Series[len(o.Series)-1]
			if last.Name != "Before" || last.LineStyle.Type != "dashed" {
				t.Errorf("drawn as %q, %s", last.Name, last.LineStyle.Type)
			}
		})
	}
}

// Both of the hours that are two o'clock when clocks go back have a place.
func TestHoursOfALongDay(t *testing.T) {
	r := &query.Result{Columns: []query.Column{dim("time:hour"), met("visitors")}}
	for start := time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC); len(r.Buckets) < 4; start = start.Add(time.Hour) {
		paris, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		r.Buckets = append(r.Buckets, query.Bucket{Start: start.In(paris)})
		r.Rows = append(r.Rows, []any{start.In(paris), int64(len(r.Buckets))})
	}
	o := draw(t, "area", Input{Result: r})
	if d := cmp.Diff([]string{"2026-10-25 01:00:00", "2026-10-25 02:00:00", "2026-10-25 02:00:00", "2026-10-25 03:00:00"}, o.XAxis[0].Data); d != "" {
		t.Errorf("axis (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]any{1.0, 2.0, 3.0, 4.0}, o.values(t, "visitors")); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
}

func TestOnlyTheLargestSeriesAreDrawn(t *testing.T) {
	r := &query.Result{Columns: []query.Column{dim("time:day"), dim("visit:source"), met("visitors")}, Buckets: days(2)}
	for i, source := range strings.Split("a b c d e f g h i j", " ") {
		r.Rows = append(r.Rows, []any{r.Buckets[0].Start, source, int64(i)})
	}
	o := draw(t, "stacked", Input{Result: r})
	if len(o.Series) != most || o.Series[0].Name != "j" {
		t.Errorf("%d series, first %q; want %d, first j", len(o.Series), o.Series[0].Name, most)
	}
}

func TestNetworkHasOneColourEverywhere(t *testing.T) {
	for _, by := range networkDims() {
		for i := range 3 {
			if got := seriesColor(by, "mastodon", i); got != "var(--net-mastodon)" {
				t.Errorf("%s, place %d: %s", by, i, got)
			}
		}
	}
	if got := seriesColor("visit:source", "mastodon", 1); got != "var(--series-2)" {
		t.Errorf("a source is no network: %s", got)
	}
	if got := seriesColor("share:network", "orkut", 9); got != "var(--series-2)" {
		t.Errorf("a network without a colour: %s", got)
	}
}

// Every colour that an option can name stands in the style sheets.
func TestColoursExist(t *testing.T) {
	var css strings.Builder
	for _, name := range []string{"tokens.css", "dashboard-colours.css"} {
		src, err := os.ReadFile(filepath.Join("..", "..", "web", "static", "css", name))
		if err != nil {
			t.Fatal(err)
		}
		css.Write(src)
	}
	named := regexp.MustCompile(`var\((--[\w-]+)\)`)
	want := map[string]bool{}
	for _, n := range networks() {
		want["--net-"+n] = true
	}
	goldens, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range goldens {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(src, -1) {
			want[string(m[1])] = true
		}
	}
	for name := range want {
		if !strings.Contains(css.String(), name+":") {
			t.Errorf("no style sheet defines %s", name)
		}
	}
}

// Every formatter that an option can name stands in the script.
func TestFormattersExist(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("..", "..", "web", "static", "js", "dashboard", "formatters.js"))
	if err != nil {
		t.Fatal(err)
	}
	goldens, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range goldens {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"fmt:(\w+)`).FindAllSubmatch(src, -1) {
			if !regexp.MustCompile(`(?m)^\s+` + string(m[1]) + `: \(`).Match(script) {
				t.Errorf("formatters.js has no %s", m[1])
			}
		}
	}
}

func TestRegion(t *testing.T) {
	for code, want := range map[string]string{"FR": "250", "US": "840", "AF": "004", "": "", "ZZ": "", "150": "", "xx!": ""} {
		if got := Region(code); got != want {
			t.Errorf("Region(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestRankedNetworksAreColoured(t *testing.T) {
	k, _ := Lookup("bars")
	networks := &query.Result{Columns: []query.Column{dim("share:network"), met("shares")}, Rows: [][]any{{"mastodon", int64(3)}, {"copy", int64(1)}}}
	p, err := k.Draw(Input{Result: networks})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"var(--net-mastodon)", "var(--net-copy)"}, p.Colors); d != "" || p.Option != nil {
		t.Errorf("colours (-want +got):\n%s\noption %s", d, p.Option)
	}
	pages := &query.Result{Columns: []query.Column{dim("event:page"), met("visitors")}, Rows: [][]any{{hostile, int64(3)}}}
	if p, _ = k.Draw(Input{Result: pages}); p.Colors != nil {
		t.Errorf("pages have colours: %v", p.Colors)
	}
}

// A tree gets a colour a share, that of its network, and no option.
func TestCascadeHasItsNetworksColours(t *testing.T) {
	k, _ := Lookup("cascade")
	c := query.Cascade{Nodes: []query.CascadeNode{{ID: "1a", Network: "mastodon", Generation: 1}, {ID: "2b", Parent: "1a", Network: "orkut", Generation: 2}}}
	p, err := k.Draw(Input{Result: c.Result()})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"var(--net-mastodon)", "var(--series-8)"}; !slices.Equal(p.Colors, want) || p.Option != nil || k.Drawn() {
		t.Errorf("colours %q, option of %d bytes", p.Colors, len(p.Option))
	}
}
