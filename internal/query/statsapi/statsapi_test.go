package statsapi_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/query/statsapi"
	"github.com/earshot-analytics/earshot/internal/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Half past midnight of the 23rd in Paris, still the 22nd in UTC.
var now = time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)

func site(t testing.TB) query.Site {
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return query.Site{ID: 1, Domain: "example.com", Location: loc, Since: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
}

func ask(t testing.TB, body string) (statsapi.Request, query.Query, error) {
	r, err := statsapi.Decode([]byte(body))
	if err != nil {
		return r, query.Query{}, err
	}
	q, err := r.Query(site(t), now)
	if err == nil {
		_, err = query.Build(q)
	}
	return r, q, err
}

func TestDateRanges(t *testing.T) {
	tests := []struct{ given, from, to string }{
		{`"day"`, "2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00"},
		{`"day","include":{"trim_relative_date_range":true}`, "2026-11-23T00:00:00+01:00", "2026-11-23T00:30:00+01:00"},
		{`"24h"`, "2026-11-22T00:30:00+01:00", "2026-11-23T00:30:00+01:00"},
		{`"1d"`, "2026-11-22T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{`"7d"`, "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{`"7d","include":{"trim_relative_date_range":true}`, "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{`"28d"`, "2026-10-26T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{`"30d"`, "2026-10-24T00:00:00+02:00", "2026-11-23T00:00:00+01:00"},
		{`"91d"`, "2026-08-24T00:00:00+02:00", "2026-11-23T00:00:00+01:00"},
		{`"365d"`, "2025-11-23T00:00:00+01:00", "2026-11-23T00:00:00+01:00"},
		{`"9999d"`, "1999-07-09T00:00:00+02:00", "2026-11-23T00:00:00+01:00"},
		{`"month"`, "2026-11-01T00:00:00+01:00", "2026-12-01T00:00:00+01:00"},
		{`"month","include":{"trim_relative_date_range":true}`, "2026-11-01T00:00:00+01:00", "2026-11-24T00:00:00+01:00"},
		{`"1mo"`, "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{`"3mo"`, "2026-08-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{`"6mo"`, "2026-05-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"},
		{`"12mo"`, "2025-11-01T00:00:00+01:00", "2026-11-01T00:00:00+01:00"},
		{`"600mo"`, "1976-11-01T00:00:00+01:00", "2026-11-01T00:00:00+01:00"},
		{`"year"`, "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{`"year","include":{"trim_relative_date_range":true}`, "2026-01-01T00:00:00+01:00", "2026-11-24T00:00:00+01:00"},
		{`"all"`, "2026-01-15T00:00:00+01:00", "2026-11-24T00:00:00+01:00"},
		{`["2026-03-28", "2026-03-29"]`, "2026-03-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{`["2026-03-28", "2026-12-31"],"include":{"trim_relative_date_range":true}`, "2026-03-28T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{`["2026-03-01T12:00:00Z", "2026-03-01T15:59:59Z"]`, "2026-03-01T13:00:00+01:00", "2026-03-01T17:00:00+01:00"},
		{`["2026-03-01T12:00:00-07:00", "2026-03-01T15:59:59-07:00"]`, "2026-03-01T20:00:00+01:00", "2026-03-02T00:00:00+01:00"},
		{`["2026-03-01 12:00:00", "2026-03-01 15:59:59"]`, "2026-03-01T12:00:00+01:00", "2026-03-01T16:00:00+01:00"},
	}
	for _, test := range tests {
		t.Run(test.given, func(t *testing.T) {
			_, q, err := ask(t, `{"site_id":"example.com","metrics":["visitors"],"date_range":`+test.given+`}`)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{q.Range.From.In(q.Site.Location).Format(time.RFC3339), q.Range.To.In(q.Site.Location).Format(time.RFC3339)}
			if diff := cmp.Diff([]string{test.from, test.to}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDecode(t *testing.T) {
	_, q, err := ask(t, `{
		"site_id": "example.com", "metrics": ["visitors", "bounce_rate"], "date_range": "7d",
		"dimensions": ["visit:source", "event:page"],
		"filters": [
			["is", "visit:source", ["Direct / None", "Google"]],
			["contains", "event:page", ["/Blog"], {"case_sensitive": false}],
			["or", [["is", "visit:country", ["FR"]], ["not", ["matches", "visit:referrer", ["^t\\.co"], {"case_sensitive": true}]]]],
			["has_done", ["is", "event:goal", ["Signup"]]],
			["does_not_contain", "event:page", ["x"]]
		],
		"order_by": [["bounce_rate", "asc"], ["visit:source", "desc"]],
		"include": {"total_rows": true},
		"pagination": {"limit": 5, "offset": 10}
	}`)
	if err != nil {
		t.Fatal(err)
	}
	leaf := func(op query.Op, d string, values ...string) query.Filter {
		return query.Filter{Op: op, Dimension: d, Values: values}
	}
	blog := leaf(query.Contains, "event:page", "/Blog")
	blog.IgnoreCase = true
	want := []query.Filter{
		leaf(query.Is, "visit:source", "", "Google"),
		blog,
		{Op: query.Or, Filters: []query.Filter{leaf(query.Is, "visit:country", "FR"), {Op: query.Not, Filters: []query.Filter{leaf(query.Matches, "visit:referrer", `^t\.co`)}}}},
		{Op: query.HasDone, Filters: []query.Filter{leaf(query.Is, "event:goal", "Signup")}},
		leaf(query.ContainsNot, "event:page", "x"),
	}
	if diff := cmp.Diff(want, q.Filter); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]query.Order{{Key: "bounce_rate"}, {Key: "visit:source", Desc: true}}, q.Order); diff != "" {
		t.Error(diff)
	}
	if !q.Sparse || !q.CountRows || q.Limit != 5 || q.Offset != 10 || !q.Now.Equal(now) {
		t.Errorf("%+v", q)
	}
}

func TestErrorsNameTheField(t *testing.T) {
	with := func(more string) string {
		return `{"site_id":"example.com","metrics":["visitors"],"date_range":"7d"` + more + `}`
	}
	tests := []struct{ body, field string }{
		{``, "body"}, {`[]`, "body"}, {`null`, "body"}, {`{} {}`, "body"}, {`{"metrics":`, "body"},
		{`{"metrics":["visitors"],"date_range":"7d"}`, "site_id"},
		{`{"site_id":5,"metrics":["visitors"],"date_range":"7d"}`, "site_id"},
		{`{"site_id":"a.b","date_range":"7d"}`, "metrics"},
		{`{"site_id":"a.b","metrics":"visitors","date_range":"7d"}`, "metrics"},
		{`{"site_id":"a.b","metrics":null,"date_range":"7d"}`, "metrics"},
		{`{"site_id":"a.b","metrics":["money"],"date_range":"7d"}`, "metrics"},
		{`{"site_id":"a.b","metrics":["visitors"]}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"0d"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"-1d"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"10000d"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"601mo"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"999999999999999999999mo"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":"mo"}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":["2026-01-01T00:00:00Z","2026-01-02"]}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":["2026-01-01"]}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":["2026-01-02","2026-01-01"]}`, "date_range"},
		{`{"site_id":"a.b","metrics":["visitors"],"date_range":["yesterday","today"]}`, "date_range"},
		{with(`,"colour":"red"`), "colour"},
		{with(`,"dimensions":"event:page"`), "dimensions"},
		{with(`,"dimensions":["event:nothing"]`), "dimensions"},
		{with(`,"filters":{}`), "filters"},
		{with(`,"filters":["is"]`), "filters"},
		{with(`,"filters":[["is","visit:source"]]`), "filters"},
		{with(`,"filters":[["is","visit:source","Google"]]`), "filters"},
		{with(`,"filters":[["is","visit:source",[5]]]`), "filters"},
		{with(`,"filters":[["is","visit:source",null]]`), "filters"},
		{with(`,"filters":[["is","visit:source",["a"],{"case":true}]]`), "filters"},
		{with(`,"filters":[["equals","visit:source",["a"]]]`), "filters"},
		{with(`,"filters":[["and",["is","visit:source",["a"]]]]`), "filters"},
		{with(`,"filters":[["not",[["is","visit:source",["a"]]]]]`), "filters"},
		{with(`,"filters":` + strings.Repeat(`[["not",`, 30) + `["is","visit:source",["a"]]` + strings.Repeat(`]]`, 30)), "filters"},
		{with(`,"filters":[["matches","event:page",["("]]]`), "filters"},
		{with(`,"order_by":[["visitors"]]`), "order_by"},
		{with(`,"order_by":[["visitors","up"]]`), "order_by"},
		{with(`,"order_by":[["pageviews","asc"]]`), "order_by"},
		{with(`,"include":{"cake":true}`), "include"},
		{with(`,"include":{"total_rows":1}`), "include"},
		{with(`,"include":{"comparisons":{"mode":"previous_period"}}`), "include"},
		{with(`,"include":{"time_labels":true}`), "include"},
		{with(`,"pagination":{"limit":0}`), "pagination"},
		{with(`,"pagination":{"limit":1000000}`), "pagination"},
		{with(`,"pagination":{"limit":1.5}`), "pagination"},
	}
	for _, test := range tests {
		var bad *query.InvalidError
		if _, _, err := ask(t, test.body); !errors.As(err, &bad) || bad.Field != test.field || bad.Reason.EN == "" {
			t.Errorf("%.200s: %v, want an error of %s", test.body, err, test.field)
		}
	}
}

func TestRespond(t *testing.T) {
	r, q, err := ask(t, `{"site_id":"example.com","metrics":["visitors","bounce_rate","followers"],"date_range":["2026-11-21","2026-11-22"],
		"dimensions":["time:day"],"filters":[["is","visit:source",["Google"]]],"include":{"time_labels":true,"total_rows":true,"imports":true}}`)
	if err != nil {
		t.Fatal(err)
	}
	first := q.Range.From.In(q.Site.Location)
	res := &query.Result{
		Query: q, TotalRows: 1, Estimated: true,
		Columns: []query.Column{
			{Key: "time:day", Bucket: metric.Day},
			{Key: "visit:source", Empty: text.Text{EN: "Direct / None"}},
			{Key: "visitors", Metric: true}, {Key: "bounce_rate", Metric: true},
			{Key: "followers", Metric: true, Missing: text.Text{EN: "Followers can't be filtered by visit:source."}},
		},
		Rows:    [][]any{{first, "", int64(70_000), 33.0, nil}},
		Buckets: []query.Bucket{{Start: first}, {Start: first.AddDate(0, 0, 1)}},
	}
	got, err := json.MarshalIndent(r.Respond(res), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "response.json")
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Error(diff)
	}
}

// Whatever a body holds, it is refused with a sentence or asks a query.
func FuzzDecode(f *testing.F) {
	f.Add(`{"site_id":"example.com","metrics":["visitors"],"date_range":"7d"}`)
	f.Add(`{"site_id":"a.b","metrics":["visitors"],"date_range":["2026-01-01","2026-01-02"],"filters":[["or",[["is","event:page",["/"]]]]]}`)
	f.Add(`{"site_id":"a.b","metrics":["visitors"],"date_range":"all","dimensions":["time"],"include":{"time_labels":true},"order_by":[["time","asc"]],"pagination":{"limit":1}}`)
	f.Fuzz(func(t *testing.T, body string) {
		_, _, err := ask(t, body)
		var bad *query.InvalidError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
	})
}
