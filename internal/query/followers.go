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
//
// ClickHouse takes longest to analyse such a statement, so the table is named
// once and nothing is joined. Buckets follow one another: the last reading
// before a bucket's start is the last of the bucket before. So the readings are
// first reduced to those that matter in each bucket, then spread over all
// buckets of the account (place 0 is the time before the first), and buckets
// without a reading take the last from the one before.
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
		switch {
		case d.Bucket != metric.NoBucket:
			sql = "bucket"
		case d.asked == earlierPeriod:
			sql = earlierPeriod
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
	which, periods := "", ""
	if b.q.beside != nil {
		which = ",\n        earlier"
		// Of each period, accounts that have a reading which counts in it.
		periods = ",\n        {earlier:Array(UInt8)} AS earlier, {seen:Array(DateTime('UTC'))} AS seen\n    WHERE end.1 >= seen"
	}
	return fmt.Sprintf(`SELECT
%[3]s
FROM
(
    SELECT
        network, account, bucket, start, until,
        end.2 AS last, end.3 AS last_rounded, if(end.4, toDateTime(0, 'UTC'), end.1) AS last_at,
        before.1 >= oldest_before AND NOT before.4 AND NOT restarted AS carried,
        if(carried, before, inside) AS compared,
        compared.1 AS first_at, compared.2 AS first, compared.3 AS first_rounded,
        last_at >= oldest AS known,
        known AND first_at >= oldest_before AND first_at < last_at AS grown%[5]s
    FROM
    (
        SELECT
            network, account,
            arrayResize(groupArrayInsertAt((taken[-1], taken[ended_at + 1], ended_at > 0), place), length({bounds:Array(UInt32)})) AS places,
            arrayFill(r -> toUInt32(r.1) > 0, places.1) AS ends
        FROM
        (
            SELECT
                network, account,
                toUInt32(indexOf({bounds:Array(UInt32)}, roundDown(toUInt32(ts), {bounds:Array(UInt32)})) - 1) AS place,
                arraySort(groupArray((ts, followers, rounded, ended))) AS taken,
                arrayLastIndex(r -> r.4, taken) AS ended_at
%[1]s
            GROUP BY network, account, place
        )
        GROUP BY network, account
    )
    ARRAY JOIN
        {buckets:Array(%[2]s)} AS bucket, {starts:Array(DateTime('UTC'))} AS start, {untils:Array(DateTime('UTC'))} AS until,
        {oldest:Array(DateTime('UTC'))} AS oldest, {oldest_before:Array(DateTime('UTC'))} AS oldest_before,
        arrayPopBack(ends) AS before, arrayPopFront(ends) AS end, arrayPopFront(places.2) AS inside, arrayPopFront(places.3) AS restarted%[6]s
)%[4]s`, indent(indent(indent(readings.from()))), bucketType, indent(strings.Join(columns, ",\n")), tail, which, periods)
}

// accountSpan is a bucket of one of the periods that are read, or a time
// between them.
type accountSpan struct {
	Bucket
	period uint32    // 1 = of the earlier period
	seen   time.Time // readings from before it don't count
}

// accountSpans are the buckets, without those that have not begun, as these
// have no reading.
func (b *builder) accountSpans() (list []accountSpan) {
	add := func(r Range, buckets []Bucket, period uint32) {
		if buckets == nil {
			buckets = []Bucket{{Start: r.From, From: r.From, To: r.To, Future: !b.q.Now.IsZero() && !r.From.Before(b.q.Now)}}
		}
		from, seen := len(list), r.From
		for _, s := range buckets {
			if s.Future {
				continue
			}
			list = append(list, accountSpan{Bucket: s, period: period})
			// One account's reading may be carried in from before every bucket.
			seen = earlier(seen, s.From.Add(-carry(s.To.Sub(s.Start))))
		}
		for i := range list[from:] {
			list[from+i].seen = seen.Add(-maxCarry)
		}
	}
	if e := b.q.beside; e != nil {
		var buckets []Bucket
		if b.buckets != nil {
			buckets, _ = cutBuckets(*e, b.bucket(), b.loc, b.q.Now) // as many as its own question has
		}
		add(*e, buckets, 1)
		if e.To.Before(b.q.Range.From) {
			between := Bucket{Start: e.To, From: e.To, To: b.q.Range.From}
			list = append(list, accountSpan{Bucket: between, seen: between.To}) // no reading of it counts
		}
	}
	add(b.q.Range, b.buckets, 0)
	return list
}

// bindBuckets binds the spans of time as arrays, and bounds the readings to
// those that can matter. Spans that have not begun have no reading.
func (b *builder) bindBuckets(readings *selection) (bucketType string) {
	const seconds = "2006-01-02 15:04:05"
	key := func(t time.Time) string { return t.UTC().Format(seconds) }
	bucketType, layout := "DateTime('UTC')", seconds
	for _, d := range b.dims {
		if d.Bucket != metric.NoBucket && d.Bucket != metric.Hour {
			bucketType, layout = "Date", time.DateOnly
			key = func(t time.Time) string { return t.In(b.loc).Format(layout) }
		}
	}
	var keys, starts, untils, oldest, oldestBefore, seen = []string{}, []string{}, []string{}, []string{}, []string{}, []string{}
	periods := []uint32{}
	at := func(list *[]string, t time.Time) { *list = append(*list, t.UTC().Format(seconds)) }
	bounds := []uint32{0} // what is before them all is place 0
	first, last := b.span().From.Add(-maxCarry), b.span().From
	for _, s := range b.accountSpans() {
		until := s.To
		if !b.q.Now.IsZero() {
			// A reading of this very second counts: half-open, a second on.
			until = earlier(until, b.q.Now.Truncate(time.Second).Add(time.Second))
		}
		keys = append(keys, key(s.Start))
		at(&starts, s.From)
		bounds = append(bounds, uint32(s.From.Unix()))
		at(&untils, until)
		at(&oldest, until.Add(-carry(until.Sub(s.From))))
		at(&oldestBefore, s.From.Add(-carry(s.To.Sub(s.Start))))
		at(&seen, s.seen)
		periods = append(periods, s.period)
		first, last = earlier(first, s.seen), later(last, until)
	}
	if b.q.beside != nil {
		b.args = append(b.args, rows.Bind("earlier", periods), rows.Bind("seen", seen))
	}
	b.args = append(b.args,
		rows.Bind("buckets", keys), rows.Bind("starts", starts), rows.Bind("untils", untils), rows.Bind("bounds", bounds),
		rows.Bind("oldest", oldest), rows.Bind("oldest_before", oldestBefore),
		rows.Bind("first", first.UTC().Format(seconds)), rows.Bind("last", last.UTC().Format(seconds)),
	)
	readings.and("ts >= {first:DateTime('UTC')} AND ts < {last:DateTime('UTC')}")
	return bucketType
}
