package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// sold has events with revenue: on the 9th one of 20 EUR, in the two days of
// twoDays EUR 10, 20.5 and 0.001, USD 5 and −5, JPY 1200.
func sold(t *testing.T) *clickhouse.DB {
	db := chtest.New(t)
	var rows []event.Row
	for i, sale := range strings.Split(`2026-03-09 12:00:00,Order,DE,X,EUR,20
2026-03-10 12:00:00,Order,DE,X,EUR,10
2026-03-10 13:00:00,Order,GB,X,EUR,20.5
2026-03-10 14:00:00,Order,US,Twitter,USD,5
2026-03-11 12:00:00,Refund,US,,USD,-5
2026-03-11 13:00:00,Tip,JP,,JPY,1200
2026-03-11 14:00:00,Tip,,,EUR,0.001
2026-03-11 15:00:00,Signup,ZZ,,,
2026-03-11 16:00:00,pageview,DE,,,`, "\n") {
		f := strings.Split(sale, ",")
		rows = append(rows, event.Row{Visit: uint64(i + 1), Event: event.Event{
			Site: 1, Time: at(f[0]), Name: f[1], Path: "/", Visitor: uint64(i + 1), Country: f[2], Source: f[3], RevenueCurrency: f[4], RevenueAmount: f[5],
		}})
	}
	if err := db.Insert(t.Context(), "sold", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestRevenue(t *testing.T) {
	db := sold(t)
	twitter := func(name string) (string, bool) { return "X", strings.EqualFold(name, "twitter") }
	tests := []struct {
		name, metrics, by string
		filter            []query.Filter
		order             []query.Order
		want              string
	}{
		{name: "by currency, never a sum across", metrics: "total_revenue average_revenue events", want: "=[{EUR 30.501} {JPY 1200} {USD 0}],[{EUR 10.167} {JPY 1200} {USD 0}],8"},
		{name: "one currency", metrics: "total_revenue", filter: []query.Filter{is("event:goal", "Order"), is("visit:country", "DE", "GB")}, want: "=[{EUR 30.5}]"},
		{name: "none", metrics: "total_revenue average_revenue", filter: []query.Filter{is("event:goal", "Signup")}, want: "=-,-"},
		{name: "by goal, the largest amount first", metrics: "total_revenue", by: "event:goal", want: "Tip=[{EUR 0.001} {JPY 1200}] | Order=[{EUR 30.5} {USD 5}] | Refund=[{USD -5}] | Signup=-"},
		{name: "beside what has none", metrics: "events total_revenue", by: "event:goal", want: "Order=3,[{EUR 30.5} {USD 5}] | Tip=2,[{EUR 0.001} {JPY 1200}] | Refund=1,[{USD -5}] | Signup=1,-"},
		{name: "by currency", metrics: "total_revenue average_revenue events", by: "event:currency", want: "JPY=[{JPY 1200}],[{JPY 1200}],1 | EUR=[{EUR 30.501}],[{EUR 10.167}],3 | USD=[{USD 0}],[{USD 0}],2"},
		{name: "the smallest mean first", metrics: "average_revenue", by: "event:goal event:currency", order: []query.Order{{Key: "average_revenue"}},
			want: "Refund,USD=[{USD -5}] | Tip,EUR=[{EUR 0.001}] | Order,USD=[{USD 5}] | Order,EUR=[{EUR 15.25}] | Tip,JPY=[{JPY 1200}]"},
		{name: "by day", metrics: "total_revenue", by: "time:day", filter: []query.Filter{is("event:currency", "USD")}, want: "2026-03-10 00:00:00 +0000 UTC=[{USD 5}] | 2026-03-11 00:00:00 +0000 UTC=[{USD -5}]"},
		{name: "under a filter that it can't take", metrics: "total_revenue", by: "event:goal", filter: []query.Filter{is("account:network", "mastodon")}, want: ""},
		{name: "countries by name", metrics: "events", by: "visit:country_name", want: "Germany=2 | United States=2 | =1 | Japan=1 | United Kingdom=1 | ZZ=1"},
		{name: "one country by name", metrics: "events", filter: []query.Filter{is("visit:country_name", "United Kingdom", "Japan")}, want: "=2"},
		{name: "countries whose names contain", metrics: "events", by: "visit:country", filter: []query.Filter{{Op: query.Contains, Dimension: "visit:country_name", Values: []string{"united"}, IgnoreCase: true}}, want: "US=2 | GB=1"},
		{name: "within has done", metrics: "events", filter: []query.Filter{op(query.HasDone, is("visit:country_name", "Japan"))}, want: "=1"},
		{name: "device by another name", metrics: "events", by: "visit:screen", want: "=8"},
		{name: "a source by another name", metrics: "events", filter: []query.Filter{is("visit:source", "Twitter")}, want: "=3"},
		{name: "not a source by another name", metrics: "events", filter: []query.Filter{{Op: query.IsNot, Dimension: "visit:source", Values: []string{"twitter"}}}, want: "=6"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := query.Query{Site: query.Site{ID: 1, SourceNamed: twitter}, Metrics: strings.Fields(test.metrics), Dimensions: strings.Fields(test.by), Filter: test.filter, Order: test.order, Range: twoDays()}
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				st, _ := query.Build(q)
				t.Fatalf("%v\n%s", err, st.SQL)
			}
			if got := written(res); got != test.want {
				t.Errorf("got  %s\nwant %s\n%s", got, test.want, res.SQL)
			}
		})
	}
}

// A change is of one currency; a file has a cell for it.
func TestRevenueComparedAndInFiles(t *testing.T) {
	db := sold(t)
	q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"total_revenue"}, Dimensions: []string{"event:currency"}, Range: query.Range{From: at("2026-03-10 00:00:00"), To: at("2026-03-11 00:00:00")}}
	c, err := query.Compare(t.Context(), db, q, query.Previous)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range c.Rows {
		switch change := c.Change[i]; {
		case row[0] == "EUR" && (change == nil || change[1] == nil || *change[1] != 52.5):
			t.Errorf("EUR: %v", change)
		case row[0] == "USD" && change != nil:
			t.Errorf("USD: %v", change)
		}
	}
	q.Dimensions = nil
	if c, err = query.Compare(t.Context(), db, q, query.Previous); err != nil || c.Change[0][0] != nil {
		t.Errorf("of several currencies: %v %v", c.Change, err)
	}

	q.Range, q.Dimensions, q.Metrics = twoDays(), []string{"event:goal"}, []string{"events", "total_revenue"}
	for name, test := range map[string]struct {
		o    query.CSVOptions
		want string
	}{
		"names":    {query.CSVOptions{Lang: "en"}, "event:goal,events,total_revenue,total_revenue_currency\nOrder,3,30.5 EUR + 5 USD,\nTip,2,0.001 EUR + 1200 JPY,\nRefund,1,-5,USD\nSignup,1,,\n"},
		"european": {query.CSVOptions{Lang: "fr", Titles: true, European: true}, "Objectif;Événements;Chiffre d’affaires;Chiffre d’affaires (devise)\nOrder;3;30,5 EUR + 5 USD;\nTip;2;0,001 EUR + 1200 JPY;\nRefund;1;-5;USD\nSignup;1;;\n"},
	} {
		var b strings.Builder
		if err := query.StreamCSV(t.Context(), db, q, &b, test.o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, strings.ReplaceAll(b.String(), "\r", "")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Dimensions that others have and that are not recorded are refused in words
// that say what to ask instead.
func TestNotRecorded(t *testing.T) {
	for dimension, says := range map[string]string{
		"visit:region": "visit:country", "visit:region_name": "visit:country", "visit:city": "visit:country", "visit:city_name": "visit:country",
		"visit:entry_page_hostname": "event:hostname", "visit:exit_page_hostname": "event:hostname", "segment": "filters",
	} {
		span := query.Range{From: day, To: day.Add(24 * time.Hour)}
		for field, q := range map[string]query.Query{
			"dimensions": {Metrics: []string{"visitors"}, Dimensions: []string{dimension}, Range: span},
			"filters":    {Metrics: []string{"visitors"}, Filter: []query.Filter{op(query.Not, is(dimension, "1"))}, Range: span},
		} {
			if _, err := query.Build(q); err == nil || !strings.HasPrefix(err.Error(), field+": ") || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", dimension, err)
			}
		}
	}
}
