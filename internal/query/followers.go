package query

import (
	"fmt"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A reading of an account stands for a bucket when it was taken in the bucket
// or not long before its end: 7 days, or the bucket's length where that is
// more, up to 31 days.
const (
	minCarry = 7 * 24 * time.Hour
	maxCarry = 31 * 24 * time.Hour
)

func carry(length time.Duration) time.Duration { return min(max(length, minCarry), maxCarry) }

// renderAccount writes the sub-select over follower_counts. For every account
// and bucket it looks up three readings: the last before the bucket's end, the
// last before its start, and the first inside it, which stands in where the
// account has none from before. A following that has ended has no reading any
// more, and is compared with none that came after it under the same name.
func (b *builder) renderAccount(all []metric.Part, anchor string) string {
	readings := &selection{table: "follower_counts FINAL", where: []string{"site_id = {site:UInt32}"}}
	for _, f := range b.q.Filter {
		readings.and(b.condition(f, readings, rowExpression))
	}
	b.ownAccounts(readings)
	bucketType := b.bindBuckets(readings)

	var columns, groups []string
	for i, d := range b.dims {
		sql := d.SQL
		if d.Bucket != metric.NoBucket {
			sql = "bucket"
		}
		columns = append(columns, fmt.Sprintf("%s AS d%d", sql, i))
		groups = append(groups, fmt.Sprintf("d%d", i))
	}
	columns = append(columns, b.account.partColumns(all)...)
	if anchor != "" {
		columns = append(columns, anchor+" AS anchor")
	}
	tail := ""
	if len(groups) > 0 {
		tail = "\nGROUP BY " + strings.Join(groups, ", ")
		if b.q.Sparse {
			tail += "\nHAVING countIf(known) > 0"
		}
	}
	return fmt.Sprintf(`WITH
    readings AS
    (
        SELECT network, account, ts, followers, rounded, ended,
            `+metric.Following+` AS following
%[1]s
    ),
    spans AS
    (
        SELECT network, account, span.1 AS bucket, span.2 AS start, span.3 AS until, span.4 AS oldest, span.5 AS oldest_before
        FROM (SELECT DISTINCT network, account FROM readings)
        ARRAY JOIN arrayZip({buckets:Array(%[2]s)}, {starts:Array(DateTime('UTC'))}, {untils:Array(DateTime('UTC'))},
            {oldest:Array(DateTime('UTC'))}, {oldest_before:Array(DateTime('UTC'))}) AS span
    ),
    lasts AS
    (
        SELECT spans.*, e.followers AS last, if(e.ended, toDateTime(0, 'UTC'), e.ts) AS last_at, e.rounded AS last_rounded, e.following AS following
        FROM spans
        ASOF LEFT JOIN readings AS e ON e.network = spans.network AND e.account = spans.account AND e.ts < spans.until
    ),
    ends AS
    (
        SELECT
            lasts.network AS network, lasts.account AS account, lasts.bucket AS bucket, lasts.until AS until, lasts.start AS start,
            lasts.last AS last,
            lasts.last_at AS last_at,
            lasts.last_rounded AS last_rounded,
            last_at >= lasts.oldest AS known,
            s.ts >= lasts.oldest_before AND NOT s.ended AS carried,
            if(carried, s.followers, i.followers) AS first,
            if(carried, s.ts, i.ts) AS first_at,
            if(carried, s.rounded, i.rounded) AS first_rounded,
            known AND first_at >= lasts.oldest_before AND first_at < last_at AS grown
        FROM lasts
        ASOF LEFT JOIN readings AS s ON s.network = lasts.network AND s.account = lasts.account AND s.following = lasts.following AND s.ts < lasts.start
        ASOF LEFT JOIN (SELECT * FROM readings WHERE NOT ended) AS i ON i.network = lasts.network AND i.account = lasts.account AND i.following = lasts.following AND i.ts >= lasts.start
    )
SELECT
%[3]s
FROM ends%[4]s`, indent(indent(readings.from())), bucketType, indent(strings.Join(columns, ",\n")), tail)
}

// bindBuckets binds the spans of time as arrays, and bounds the readings to
// those that can matter. Spans that have not begun have no reading.
func (b *builder) bindBuckets(readings *selection) (bucketType string) {
	spans := b.buckets
	if spans == nil {
		r := b.q.Range
		spans = []Bucket{{Start: r.From, From: r.From, To: r.To, Future: !b.q.Now.IsZero() && !r.From.Before(b.q.Now)}}
	}
	const seconds = "2006-01-02 15:04:05"
	key := func(t time.Time) string { return t.UTC().Format(seconds) }
	bucketType, layout := "DateTime('UTC')", seconds
	for _, d := range b.dims {
		if d.Bucket != metric.NoBucket && d.Bucket != metric.Hour {
			bucketType, layout = "Date", time.DateOnly
			key = func(t time.Time) string { return t.In(b.loc).Format(layout) }
		}
	}
	var keys, starts, untils, oldest, oldestBefore = []string{}, []string{}, []string{}, []string{}, []string{}
	at := func(list *[]string, t time.Time) { *list = append(*list, t.UTC().Format(seconds)) }
	first, last := b.q.Range.From, b.q.Range.From
	for _, s := range spans {
		if s.Future {
			continue
		}
		until := s.To
		if !b.q.Now.IsZero() {
			// A reading of this very second counts: half-open, a second on.
			until = earlier(until, b.q.Now.Truncate(time.Second).Add(time.Second))
		}
		before := s.From.Add(-carry(s.To.Sub(s.Start)))
		keys = append(keys, key(s.Start))
		at(&starts, s.From)
		at(&untils, until)
		at(&oldest, until.Add(-carry(until.Sub(s.From))))
		at(&oldestBefore, before)
		first, last = earlier(first, before), later(last, until)
	}
	// One account's reading may be carried in from before every span.
	first = first.Add(-maxCarry)
	b.args = append(b.args,
		rows.Bind("buckets", keys), rows.Bind("starts", starts), rows.Bind("untils", untils),
		rows.Bind("oldest", oldest), rows.Bind("oldest_before", oldestBefore),
		rows.Bind("first", first.UTC().Format(seconds)), rows.Bind("last", last.UTC().Format(seconds)),
	)
	readings.and("ts >= {first:DateTime('UTC')} AND ts < {last:DateTime('UTC')}")
	return bucketType
}
