package demo

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/rows"
)

func TestMain(m *testing.M) { chtest.Main(m) }

var now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)

func one(t *testing.T, db *clickhouse.DB, sql string) []any {
	t.Helper()
	var cells []any
	if err := db.Select(t.Context(), sql, nil, func(row *rows.Row) error { cells = slices.Clone(row.Cells()); return nil }); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return cells
}

func count(t *testing.T, db *clickhouse.DB, sql string) int64 {
	t.Helper()
	switch n := one(t, db, "SELECT toInt64("+sql[len("SELECT "):])[0].(type) {
	case int64:
		return n
	default:
		t.Fatalf("%s: %T", sql, n)
		return 0
	}
}

func TestHistoryHoldsTogether(t *testing.T) {
	db := chtest.New(t)
	last := 0.0
	progress := func(f float64) {
		if f < last || f > 1 {
			t.Errorf("progress went from %v to %v", last, f)
		}
		last = f
	}
	began := time.Now()
	if err := History(t.Context(), db, 7, 1, now, progress); err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(began))
	if last != 1 {
		t.Errorf("progress ended at %v", last)
	}
	events := count(t, db, "SELECT count()) FROM events")
	if events < 150_000 || events > 600_000 {
		t.Errorf("%d events", events)
	}
	t.Logf("%d events", events)
	for name, sql := range map[string]string{
		"every visit has one entry":             "SELECT countIf(e != 1)) FROM (SELECT visit, sum(entry) AS e FROM events GROUP BY visit)",
		"a visit bounces once or not at all":    "SELECT countIf(b NOT IN (0, 1))) FROM (SELECT visit, sum(bounce) AS b FROM events GROUP BY visit)",
		"a bounce has one view and no share":    "SELECT countIf(b = (v > 1 OR s > 0))) FROM (SELECT visit, sum(bounce) AS b, countIf(name = 'pageview') AS v, countIf(name = 'share') AS s FROM events GROUP BY visit)",
		"it began with its entry":               "SELECT countIf(b != at)) FROM (SELECT visit, groupUniqArray(began) AS b, groupArrayIf(ts, entry = 1) AS at FROM events GROUP BY visit)",
		"some go on after the hour":             "SELECT countIf(toHour(ts) != toHour(began)) = 0) FROM events",
		"and some after midnight":               "SELECT countIf(toDate(ts) != toDate(began)) = 0) FROM events",
		"the gaps add up to the visit's length": "SELECT countIf(g != d)) FROM (SELECT visit, sum(gap_ms) AS g, dateDiff('millisecond', min(ts), max(ts)) AS d FROM events GROUP BY visit)",
		"a share's reader lands on its page":    "SELECT count()) FROM events e JOIN shares s ON e.via_share = s.share_id WHERE e.entry = 1 AND e.path != s.path",
		"no reader comes before the share":      "SELECT count()) FROM events e JOIN shares s ON e.via_share = s.share_id WHERE e.entry = 1 AND e.ts < s.ts - INTERVAL 15 MINUTE",
		"every share that brings is known":      "SELECT countIf(via_share != '' AND via_share NOT IN (SELECT share_id FROM shares)) - countIf(ts > '2026-11-23 14:00:00' AND via_share != '' AND via_share NOT IN (SELECT share_id FROM shares))) FROM events",
		"a share is one generation deeper":      "SELECT countIf(toUInt8(substring(share_id, 1, 1)) != if(share_parent = '', 1, 1 + toUInt8(substring(share_parent, 1, 1))))) FROM events WHERE name = 'share'",
		"a share's generation is known":         "SELECT countIf(share_generation != toUInt8(substring(share_id, 1, 1)))) FROM events WHERE name = 'share'",
		"its root is the first of its tree":     "SELECT countIf(r.share_id = '' OR r.generation > 1)) FROM shares s LEFT ANY JOIN shares r ON s.root = r.share_id",
		"a reader knows the share":              "SELECT countIf(e.via_network != s.network OR e.via_kind != s.kind OR e.via_generation != s.generation)) FROM events e JOIN shares s ON e.via_share = s.share_id",
		"and the time since it":                 "SELECT countIf(e.via_age != intDiv(greatest(0, dateDiff('millisecond', s.ts, e.ts)), 1000))) FROM events e JOIN shares s ON e.via_share = s.share_id WHERE e.entry = 1",
		"nobody shares the list of posts":       "SELECT countIf(path = '" + blog.Base + "')) FROM shares",
		"nothing is in the future":              "SELECT countIf(ts > '2026-11-23 15:30:00')) FROM events",
		"no field is missing":                   "SELECT countIf(path = '' OR entry_path = '' OR country = '' OR device = '' OR browser = '' OR channel = '' OR visitor = 0)) FROM events",
		"no post is read before it is there":    "SELECT countIf(ts < published OR published < '2025-10-23')) FROM post_figures",
		"no reading of a post is in the future": "SELECT countIf(ts > '2026-11-23 15:30:00')) FROM post_figures",
		"figures of a post only grow":           "SELECT countIf(likes < before)) FROM (SELECT likes, lagInFrame(likes, 1, 0) OVER (PARTITION BY network, post ORDER BY ts) AS before FROM post_figures)",
		"a post links to a page that was there": "SELECT countIf(page != '' AND (page, toDate(published)) NOT IN (SELECT path, toDate(ts) FROM events) AND published < '2026-11-23')) FROM post_figures",
		"views are said by two networks":        "SELECT countIf((views IS NULL) = (network IN ('x', 'linkedin')))) FROM post_figures",
		"two networks have statistics":          "SELECT countIf(network NOT IN ('x', 'linkedin') OR value < 0 OR day >= '2026-11-23')) FROM account_insights",
		"nobody is reached by nothing":          "SELECT countIf(r.value > i.value)) FROM account_insights AS r JOIN account_insights AS i USING (network, day) WHERE r.insight = 'reach' AND i.insight = 'impressions'",
		"posts are not read before they appear": "SELECT countIf(path = '" + blog.Base + "the-plateau/' AND ts < '2026-11-16')) FROM events",
	} {
		if n := count(t, db, sql); n != 0 {
			t.Errorf("%s: %d times not", name, n)
		}
	}
	for name, sql := range map[string]string{
		"shares":             "SELECT count()) FROM shares",
		"reshares":           "SELECT countIf(parent != '')) FROM shares",
		"visits by shares":   "SELECT sumIf(entry, via_share != '')) FROM events",
		"read views":         "SELECT sum(read)) FROM events",
		"hits left out":      "SELECT sum(hits)) FROM left_out",
		"follower readings":  "SELECT count()) FROM follower_counts FINAL",
		"posts":              "SELECT uniqExact(network, post)) FROM post_figures",
		"days of statistics": "SELECT uniqExact(day)) FROM account_insights",
		"posts with a page":  "SELECT uniqExactIf((network, post), page != '')) FROM post_figures",
	} {
		if n := count(t, db, sql); n < 50 {
			t.Errorf("only %d %s", n, name)
		} else {
			t.Logf("%d %s", n, name)
		}
	}

	figures := count(t, db, "SELECT count()) FROM post_figures")
	if err := History(t.Context(), db, 7, 1, now, nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count()) FROM post_figures"); n != figures {
		t.Errorf("made again, %d readings of posts became %d", figures, n)
	}
	if n := count(t, db, "SELECT count()) FROM events"); n != events {
		t.Errorf("made again, %d events became %d", events, n)
	}
	if n := count(t, db, "SELECT sum(pageviews)) FROM totals_hourly"); n != count(t, db, "SELECT countIf(name = 'pageview')) FROM events") {
		t.Errorf("hourly totals have %d page views", n)
	}
}

func TestScaleMakesAboutWhatWasAsked(t *testing.T) {
	db := chtest.New(t)
	sites := []ScaleSite{{ID: 1, Hostname: "one.example", Location: time.UTC}, {ID: 2, Hostname: "two.example", Location: time.UTC}}
	began := time.Now()
	err := Scale{Events: 300_000, Days: 40, Seed: 3, Now: now}.Fill(t.Context(), db, sites, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := count(t, db, "SELECT count()) FROM events")
	t.Logf("%d events in %v", n, time.Since(began))
	if n < 270_000 || n > 330_000 {
		t.Errorf("%d events, want about 300,000", n)
	}
	one, two := count(t, db, "SELECT count()) FROM events WHERE site_id = 1"), count(t, db, "SELECT count()) FROM events WHERE site_id = 2")
	if one < 18*two/10 || one > 22*two/10 {
		t.Errorf("the first site has %d events, the second %d; want about twice", one, two)
	}
}

// Where more shares are wanted, they come, and rows still hold together.
func TestScaleMakesTheSharesAskedFor(t *testing.T) {
	db := chtest.New(t)
	sites := []ScaleSite{{ID: 1, Hostname: "one.example", Location: time.UTC}}
	if err := (Scale{Events: 200_000, Days: 20, Seed: 3, Shares: 5, Now: now}).Fill(t.Context(), db, sites, nil); err != nil {
		t.Fatal(err)
	}
	events, shares := count(t, db, "SELECT count()) FROM events"), count(t, db, "SELECT count()) FROM shares")
	t.Logf("%d events, %d shares", events, shares)
	if events < 180_000 || events > 220_000 || shares < 9_000 || shares > 11_000 {
		t.Errorf("%d events and %d shares, want about 200,000 and 10,000", events, shares)
	}
	if n := count(t, db, "SELECT sumIf(entry, via_share != '')) FROM events"); n < shares*7/10 || n > shares*13/10 {
		t.Errorf("%d visits from %d shares, want about as many", n, shares)
	}
	if n := count(t, db, "SELECT count()) FROM events e JOIN shares s ON e.via_share = s.share_id WHERE e.entry = 1 AND s.generation < 4 AND (e.path != s.path OR e.via_network != s.network)"); n != 0 {
		t.Errorf("%d visits differ from their share", n)
	}
}

func TestScaleRefusesNonsense(t *testing.T) {
	for name, s := range map[string]Scale{"no events": {Days: 1}, "no days": {Events: 1}, "too long": {Events: 1, Days: 3651}, "too many shares": {Events: 1, Days: 1, Shares: 11}} {
		if s.Fill(context.Background(), nil, []ScaleSite{{ID: 1, Location: time.UTC}}, nil) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
