package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
)

// followings is a site with four accounts: a, with exact counts; y, whose network
// rounds them; stale, last read on the 3rd; and lost, last read in August.
func followings(t *testing.T) (*rig, meta.Site) {
	t.Helper()
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo, site.Timezone = true, "Europe/Paris"
	site = r.site(site)
	var list []event.FollowerCount
	add := func(at time.Time, network, account string, followers uint64) {
		list = append(list, event.FollowerCount{Site: site.ID, Time: at, Network: network, Account: account, Followers: followers, Rounded: network == "youtube", Origin: event.OriginPoll})
	}
	for day := range 120 {
		at := r.now.AddDate(0, 0, -day).Add(-time.Hour)
		add(at, "mastodon", "a", uint64(1000-5*day))
		add(at, "youtube", "y", uint64(12_300-100*(day/30)))
		add(at, "mastodon", "rival", uint64(50_000-200*day))
		if day >= 20 {
			add(at, "bluesky", "stale", 70)
		}
		if day >= 90 {
			add(at, "x", "lost", 9)
		}
	}
	if err := db.Insert(t.Context(), "readings", event.Followers.Of(list)); err != nil {
		t.Fatal(err)
	}
	return r, site
}

func notesOf(d panel.Answer) string {
	var texts []string
	for _, n := range d.Notes {
		texts = append(texts, n.Text)
	}
	return strings.Join(texts, "\n")
}

// Figures from a rounded reading, or from one carried forward, are marked.
func TestRoundedAndCarried(t *testing.T) {
	r, _ := followings(t)
	c := r.client()
	d := panelOf(t, c, "/small.example/growth/figures.json?period=28d&lang=en")
	if f := d.Figures[0]; f.Key != "followers" || fmt.Sprint(f.Value) != "63370" || !f.Rounded {
		t.Errorf("followers: %+v", f)
	}
	for _, f := range d.Figures {
		if !f.Reading && f.Rounded {
			t.Errorf("%s is marked as rounded", f.Key)
		}
	}
	notes := notesOf(d)
	for _, want := range []string{
		"3 of 4 accounts were read in the last 2 days. The figures carry forward the last reading of stale (last read on 3 November 2026).",
		"≈ is based on a count that its network rounds",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in %q", want, notes)
		}
	}
	// In a year's figures, lost was counted at first and no longer is.
	notes = notesOf(panelOf(t, c, "/small.example/growth/figures.json?period=12mo&lang=fr"))
	if !strings.Contains(notes, "3 comptes sur 5 relevés ces 2 derniers jours.") || !strings.Contains(notes, "N’est plus compté, faute de relevé assez récent\u00a0: lost (lu le 25 août 2026).") {
		t.Errorf("notes %q", notes)
	}
	d = panelOf(t, c, "/small.example/growth/accounts.json?period=28d")
	for i, row := range d.Rows {
		if d.Rounded[i] != (row[0] == "y") {
			t.Errorf("%v is marked %v", row, d.Rounded[i])
		}
	}
	if !strings.Contains(string(panelOf(t, c, "/small.example/growth/followers.json?period=28d").Option), `"youtube ≈"`) {
		t.Error("the legend doesn't mark what is rounded")
	}
	if a := c.get("/small.example/growth/accounts.csv?period=28d&header=keys"); !strings.Contains(a.body, "reading_age,rounded_accounts\r\n") || !strings.Contains(a.body, "\r\ny,youtube,12300,") {
		t.Errorf("the file: %s", a.body)
	}
	// Filtering out the rounded account removes the mark.
	if d := panelOf(t, c, "/small.example/growth/figures.json?period=28d&f=is,account:network,mastodon"); d.Figures[0].Rounded || strings.Contains(notesOf(d), "≈") {
		t.Errorf("mastodon alone: %+v, %q", d.Figures[0], notesOf(d))
	}
}

// The current month's projection has its own column, and growth is put into words.
func TestMonthInProgress(t *testing.T) {
	r, _ := followings(t)
	c := r.client()
	d := panelOf(t, c, "/small.example/growth/growth-by-month.json?lang=en")
	last := d.Rows[len(d.Rows)-1]
	if len(d.Columns) != 3 || d.Columns[2].Projects != "follower_growth" || last[2] == nil || d.Rows[len(d.Rows)-2][2] != nil {
		t.Errorf("columns %v, last row %v", d.Columns, last)
	}
	if !strings.Contains(string(d.Option), `"follower_growth^"`) || !strings.Contains(notesOf(d), "The projection goes on with the growth so far") {
		t.Errorf("not drawn, or not said: %q", notesOf(d))
	}
	if d := panelOf(t, c, "/small.example/growth/growth-by-week.json?lang=en&f=is,account:handle,rival"); !strings.Contains(notesOf(d), "Growth is slower than before: from week to week, the rate falls by 0.1") {
		t.Errorf("words: %q", notesOf(d))
	}
	if d := panelOf(t, c, "/small.example/growth/growth-by-day.json?lang=fr&f=is,account:handle,stale"); !strings.Contains(notesOf(d), "ni nettement plus rapide ni nettement plus lente") {
		t.Errorf("words: %q", notesOf(d))
	}
}

// A competitor's account is compared with the site's own, is in none of their
// figures, and may be marked as one at any time.
func TestCompetitors(t *testing.T) {
	r, site := followings(t)
	c := r.signedIn()
	followers := func() string {
		return fmt.Sprint(panelOf(t, c, "/small.example/growth/figures.json?period=28d").Figures[0].Value)
	}
	if got := followers(); got != "63370" {
		t.Errorf("all are one's own: %s", got)
	}
	d := panelOf(t, c, "/small.example/growth/competitors.json?lang=fr")
	if len(d.Rows) != 0 || !strings.HasPrefix(d.Empty.Text, "Aucun compte concurrent") || d.Empty.Link != "/small.example/settings/accounts" {
		t.Errorf("without competitors: %v, %+v", d.Rows, d.Empty)
	}
	if a := c.post("/small.example/settings/accounts", "network", "mastodon", "handle", "rival", "competitor", "on"); a.status != http.StatusSeeOther {
		t.Fatalf("adding answers %d: %s", a.status, a.body)
	}
	if got := followers(); got != "13370" {
		t.Errorf("with a competitor: %s", got)
	}
	d = panelOf(t, c, "/small.example/growth/competitors.json?period=28d&lang=en")
	first, last := d.Rows[:2], d.Rows[len(d.Rows)-2:]
	if fmt.Sprint(first) != "[[2026-10-27 competitor 100] [2026-10-27 own 100]]" || fmt.Sprint(last) != "[[2026-11-23 competitor 112.1] [2026-11-23 own 101]]" {
		t.Errorf("indexed: %v … %v", first, last)
	}
	if got := *d.Labels[0][1]; got != "Competitors" {
		t.Errorf("called %q", got)
	}
	for _, row := range panelOf(t, c, "/small.example/growth/accounts.json?period=28d").Rows {
		if row[0] == "rival" {
			t.Error("a competitor is among one's own accounts")
		}
	}
	for _, row := range panelOf(t, c, "/small.example/growth/competitors-table.json?period=28d").Rows {
		if (row[0] == "rival") != (row[2] == "competitor") {
			t.Errorf("%v", row)
		}
	}
	accounts, err := r.store.Accounts(t.Context(), site.ID)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("%v, %v", accounts, err)
	}
	change := func(do string) {
		t.Helper()
		if a := c.post(fmt.Sprintf("/small.example/settings/accounts/%d", accounts[0].ID), "do", do); a.status != http.StatusSeeOther {
			t.Fatalf("%s answers %d", do, a.status)
		}
	}
	if a := c.get("/small.example/settings/accounts?lang=fr"); !strings.Contains(a.body, "Concurrent</span>") || !strings.Contains(a.body, "C’est le mien") {
		t.Errorf("the page: %s", a.body)
	}
	change("own")
	if got := followers(); got != "63370" {
		t.Errorf("one's own after all: %s", got)
	}
	change("competitor")
	change("remove") // its readings stay, and still count as a competitor's
	if got := followers(); got != "13370" {
		t.Errorf("removed: %s", got)
	}
}
