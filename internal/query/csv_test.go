package query_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
)

func TestCSV(t *testing.T) {
	res := &query.Result{
		Columns: []query.Column{
			{Key: "visit:source", Title: text.Text{EN: "Source", FR: "Source"}, Empty: text.Text{EN: "Direct / None", FR: "Direct / aucune"}},
			{Key: "time:hour", Title: text.Text{EN: "Hour", FR: "Heure"}, Bucket: metric.Hour},
			{Key: "net_followers", Metric: true, Title: text.Text{EN: "New followers, net", FR: "Abonnés gagnés, net"}, Unit: metric.Count},
			{Key: "bounce_rate", Metric: true, Title: text.Text{EN: "Bounce rate", FR: "Taux de rebond"}, Unit: metric.Percent},
		},
		Rows: [][]any{
			{"=HYPERLINK(\"x\")", at("2026-03-10 09:00:00"), int64(-5), 12.5},
			{"@import", at("2026-03-10 10:00:00"), int64(0), nil},
			{"", at("2026-03-10 11:00:00"), nil, 0.0},
			{"-1+1", at("2026-03-10 12:00:00"), int64(1), -0.25},
			{"a \"quoted\", one; here", at("2026-03-10 12:00:00"), int64(1), 1e6},
			{"＝1;=2,=3; =4", at("2026-03-10 12:00:00"), int64(-1), 1e6},
		},
	}
	tests := []struct {
		name string
		o    query.CSVOptions
		want string
	}{
		{"plain", query.CSVOptions{}, "visit:source,time:hour,net_followers,bounce_rate\r\n" +
			"\"'=HYPERLINK(\"\"x\"\")\",2026-03-10 09:00:00,-5,12.5\r\n" +
			"'@import,2026-03-10 10:00:00,0,\r\n" +
			"Direct / None,2026-03-10 11:00:00,,0\r\n" +
			"'-1+1,2026-03-10 12:00:00,1,-0.25\r\n" +
			"\"a \"\"quoted\"\", one; here\",2026-03-10 12:00:00,1,1000000\r\n" +
			"\"'＝1;'=2,=3; =4\",2026-03-10 12:00:00,-1,1000000\r\n"},
		{"for a French spreadsheet", query.CSVOptions{Lang: "fr", Titles: true, European: true, BOM: true}, "\ufeffSource;Heure;Abonnés gagnés, net;Taux de rebond (%)\r\n" +
			"\"'=HYPERLINK(\"\"x\"\")\";2026-03-10 09:00:00;-5;12,5\r\n" +
			"'@import;2026-03-10 10:00:00;0;\r\n" +
			"Direct / aucune;2026-03-10 11:00:00;;0\r\n" +
			"'-1+1;2026-03-10 12:00:00;1;-0,25\r\n" +
			"\"a \"\"quoted\"\", one; here\";2026-03-10 12:00:00;1;1000000\r\n" +
			"\"'＝1;=2,'=3; =4\";2026-03-10 12:00:00;-1;1000000\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if err := res.WriteCSV(&out, test.o); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A file has the same rows as the picture, streamed or not.
func TestCSVHasTheRowsOfTheResult(t *testing.T) {
	db := seeded(t)
	for _, dims := range []string{"", "event:page", "visit:source time:day", "time:hour", "time:day_of_week"} {
		q := query.Query{Site: query.Site{ID: 1}, Metrics: []string{"visitors", "bounce_rate", "followers"}, Dimensions: strings.Fields(dims), Range: twoDays()}
		if strings.Contains(dims, "event") || strings.Contains(dims, "visit") || strings.Contains(dims, "week") {
			q.Metrics = q.Metrics[:2]
		}
		var streamed, written bytes.Buffer
		if err := query.StreamCSV(t.Context(), db, q, &streamed, query.CSVOptions{}); err != nil {
			t.Fatal(err)
		}
		res, err := query.Run(t.Context(), db, q)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.WriteCSV(&written, query.CSVOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(written.String(), streamed.String()); diff != "" {
			t.Errorf("by %q: %s", dims, diff)
		}
		rows, err := csv.NewReader(&streamed).ReadAll()
		if err != nil || len(rows) != len(res.Rows)+1 {
			t.Errorf("by %q: %d lines for %d rows, %v", dims, len(rows), len(res.Rows), err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestCSVFailures(t *testing.T) {
	q := query.Query{Site: query.Site{ID: 1, Location: time.UTC}, Metrics: []string{"visitors"}, Range: twoDays()}
	if err := query.StreamCSV(t.Context(), nothing{}, q, full{}, query.CSVOptions{}); err == nil {
		t.Error("a file that can't be written is no error")
	}
	q.Metrics = nil
	var out strings.Builder
	var bad *query.InvalidError
	if err := query.StreamCSV(t.Context(), nothing{}, q, &out, query.CSVOptions{}); !errors.As(err, &bad) || out.Len() > 0 {
		t.Errorf("%v after %q", err, out.String())
	}
}
