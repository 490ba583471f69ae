package forecast

import (
	"math"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/growth"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// answer is a query's answer: sizes of accounts by month until November
// 2026, of which three weeks have passed; 0 is a month without a reading.
func answer(accounts map[[2]string][]int64, order ...[2]string) *query.Result {
	res := &query.Result{
		Query: query.Query{Dimensions: Dimensions(metric.Month)},
		Columns: []query.Column{
			{Key: "time:month", Bucket: metric.Month}, {Key: network}, {Key: handle},
			{Key: "followers", Metric: true, Unit: metric.Count},
		},
	}
	months := 0
	for _, a := range order {
		months = max(months, len(accounts[a]))
	}
	for i := range months {
		start := time.Date(2026, time.November-time.Month(months-1-i), 1, 0, 0, 0, 0, time.UTC)
		res.Buckets = append(res.Buckets, query.Bucket{Start: start, Incomplete: i == months-1})
		for _, a := range order {
			list := accounts[a]
			var v any
			if j := i - (months - len(list)); j >= 0 && list[j] > 0 {
				v = list[j]
			}
			res.Rows = append(res.Rows, []any{start, a[0], a[1], v})
		}
	}
	return res
}

// towards grows by a tenth of the log way to a level each month.
func towards(level, start float64, months int) []int64 {
	out := make([]int64, months)
	size := start
	for i := range out {
		out[i] = int64(math.Round(size))
		size *= math.Pow(level/size, 0.1)
	}
	return out
}

func TestOneAccount(t *testing.T) {
	a := [2]string{"mastodon", "@a@b.example"}
	sizes := towards(8000, 500, 25)
	o := Of(answer(map[[2]string][]int64{a: sizes}, a), false)
	l := o.Lines[0]
	if l.State != Ends || math.Abs(l.Best.Level/8000-1) > 0.02 || l.Best.Model != growth.Gompertz {
		t.Fatalf("%+v", l)
	}
	if l.Size != float64(sizes[23]) {
		t.Errorf("the last whole month has %v, not %v", sizes[23], l.Size)
	}
	// ln(8000/size) shrinks by a tenth a month, and is 0.02 in 24 more.
	if want := time.Date(2028, 10, 1, 0, 0, 0, 0, time.UTC); !l.End.Equal(want) {
		t.Errorf("ends %s, want %s", l.End, want)
	}
	rows, now := o.Result.Rows, 24
	if rows[now][1] != sizes[24] || rows[now][2] == nil || !o.Result.Buckets[now].Incomplete || o.Result.Buckets[now].Future {
		t.Errorf("the month that is not over: %v", rows[now])
	}
	if rows[23][2] != nil || rows[now+1][1] != nil || !o.Result.Buckets[now+1].Future {
		t.Errorf("forecasts before, or readings after: %v, %v", rows[23], rows[now+1])
	}
	if got, want := rows[now+1][0], time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC); got != want {
		t.Errorf("the next month begins %v", got)
	}
	for _, row := range rows[now:] {
		if !(row[3].(int64) <= row[2].(int64) && row[2].(int64) <= row[4].(int64)) {
			t.Errorf("outside its band: %v", row)
		}
	}
}

func TestNotEnough(t *testing.T) {
	a := [2]string{"x", "a"}
	for months, missing := range map[int]int{2: 6, 4: 4, 7: 1, 8: 0} {
		l := Of(answer(map[[2]string][]int64{a: towards(900, 100, months)}, a), false).Lines[0]
		if (l.State == Short) != (missing > 0) || l.Missing != missing {
			t.Errorf("%d months, one of them not over: %+v, want %d missing", months, l, missing)
		}
	}
	if o := Of(answer(nil), false); len(o.Lines) != 0 || o.Ready() {
		t.Errorf("of nothing: %+v", o)
	}
}

// An account that joins late is no growth of the whole.
func TestLateAccount(t *testing.T) {
	old, late := [2]string{"x", "old"}, [2]string{"bluesky", "late"}
	res := answer(map[[2]string][]int64{old: towards(8000, 500, 20), late: {4000, 4100, 4200}}, old, late)
	l := Of(res, false).Lines[0]
	if l.Left != 1 || math.Abs(l.Best.Level/8000-1) > 0.05 {
		t.Errorf("together: %+v", l)
	}
	o := Of(res, true)
	if len(o.Lines) != 2 || o.Lines[0].State != Ends || o.Lines[1].State != Short || o.Lines[1].Missing != 5 {
		t.Errorf("by network: %+v", o.Lines)
	}
	if len(o.Result.Columns) != 7 || o.Result.Rows[1][1] != "bluesky" || o.Result.Rows[1][2] != nil {
		t.Errorf("rows: %v", o.Result.Rows[1])
	}
}

// Where something else is recorded for longer, the chart begins with the first
// following all the same.
func TestBeginsWithTheFirstReading(t *testing.T) {
	a := [2]string{"x", "a"}
	list := towards(8000, 500, 20)
	of := func(months []int64) *query.Result {
		return Of(answer(map[[2]string][]int64{a: months}, a), false).Result
	}
	want, got := of(list), of(append(make([]int64, 100), list...))
	if len(got.Rows) != len(want.Rows) || len(got.Buckets) != len(want.Buckets) || got.Rows[0][0] != want.Rows[0][0] || got.Rows[0][1] == nil {
		t.Errorf("%d rows from %v, want %d from %v", len(got.Rows), got.Rows[0], len(want.Rows), want.Rows[0])
	}
}

// By days a forecast goes on day by day, for two months at most, and carries
// on the marks of rounded readings.
func TestByDay(t *testing.T) {
	res := &query.Result{
		Query: query.Query{Dimensions: Dimensions(metric.Day)},
		Columns: []query.Column{
			{Key: "time:day", Bucket: metric.Day}, {Key: network}, {Key: handle},
			{Key: "followers", Metric: true, Unit: metric.Count}, {Key: "rounded_accounts", Metric: true, Mark: true},
		},
	}
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for i, n := range towards(8000, 500, 40) {
		b := query.Bucket{Start: day.AddDate(0, 0, i), Incomplete: i == 39}
		res.Buckets = append(res.Buckets, b)
		res.Rows = append(res.Rows, []any{b.Start, "youtube", "@a", n, int64(i % 2)})
	}
	o := Of(res, false)
	if l := o.Lines[0]; l.State != Ends || !l.End.After(day.AddDate(0, 0, 39)) || l.End.After(day.AddDate(0, 0, 39+60)) {
		t.Errorf("%s at %s", l.State, l.End)
	}
	last := len(o.Result.Rows) - 1
	if ahead := last + 1 - 40; ahead < 2 || ahead > 60 {
		t.Errorf("%d days ahead", ahead)
	}
	for i := 1; i <= last; i++ {
		if gap := o.Result.Buckets[i].Start.Sub(o.Result.Buckets[i-1].Start); gap != 24*time.Hour {
			t.Fatalf("bucket %d is %s after the one before", i, gap)
		}
	}
	mark := len(o.Result.Columns) - 1
	if !o.Result.Columns[mark].Mark || o.Result.Rows[0][mark] != int64(0) || o.Result.Rows[1][mark] != int64(1) || o.Result.Rows[last][mark] != int64(1) {
		t.Errorf("marks: first %v, then %v, ahead %v", o.Result.Rows[0], o.Result.Rows[1], o.Result.Rows[last])
	}
}
