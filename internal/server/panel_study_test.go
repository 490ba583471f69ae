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
)

const studyHead = "study,subject,measure,segment,period_start,period_end,value,unit,estimate\n"

// A study that a user imports is shown with the article's figures and the site's
// own growth, and can be removed.
func TestOwnStudy(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db; d.NetworkNames = map[string]string{"mastodon": "Mastodon"} })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := r.site(meta.NewSite("small.example"))
	r.site(meta.NewSite("other.example"))
	var list []event.FollowerCount
	for i, n := range []uint64{100, 150, 180} {
		list = append(list, event.FollowerCount{Site: site.ID, Time: time.Date(2024+i, 11, 20, 0, 0, 0, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Followers: n, Origin: event.OriginImport})
		list = append(list, event.FollowerCount{Site: site.ID, Time: time.Date(2024+i, 12, 31, 12, 0, 0, 0, time.UTC), Network: "mastodon", Account: "@a@b.example", Followers: n, Origin: event.OriginImport})
	}
	if err := db.Insert(t.Context(), "readings", event.Followers.Of(list[:5])); err != nil {
		t.Fatal(err)
	}
	c := r.signedIn()
	against := func() string {
		return fmt.Sprint(panelOf(t, c, "/small.example/article/against.json?lang=en").Rows)
	}
	if got := against(); !strings.Contains(got, "Facebook (eMarketer) eMarketer measured 90.3") || !strings.Contains(got, "Mastodon small.example measured 50") {
		t.Errorf("without a study of one's own: %s", got)
	}
	file := studyHead + "Survey,Newsletters,subscriber growth rate,world,2025-01-01,2025-12-31,12.5,percent,true\n" +
		"Survey,Blog,app usage,16–24,,2024-12-31,40,percent,false\nSurvey,Blog,app usage,16–24,,2025-12-31,38,percent,false\n"
	if a := upload(c, "/small.example/settings/studies?lang=fr", file); a.status != http.StatusSeeOther {
		t.Fatalf("import answers %d: %s", a.status, a.body)
	}
	if a := c.get("/small.example/settings/studies?lang=fr"); !strings.Contains(a.body, "3 chiffres importés") || !strings.Contains(a.body, "<td>Survey</td>") {
		t.Errorf("the page: %s", a.body)
	}
	if got := against(); !strings.Contains(got, "1 Newsletters (Survey) Survey estimate 12.5") {
		t.Errorf("with it: %s", got)
	}
	if a := upload(c, "/small.example/settings/studies", studyHead+"Other,Facebook,user growth rate,world,,2025-12-31,2,percent,\n"+
		"Other,Facebook,video upload change,world,,2011-12-31,-2,percent,\nOther,Us,wish: fun,world,,2011-12-31,1,rank,\n"); a.status != http.StatusSeeOther {
		t.Fatalf("import answers %d: %s", a.status, a.body)
	}
	if d := panelOf(t, c, "/small.example/article/plateau.json?lang=en"); len(d.Rows) != 4 || d.Option == nil || strings.Contains(fmt.Sprint(d.Notes), "Other") {
		t.Errorf("the plateau, with another study of Facebook: %v, %v", d.Rows, d.Notes)
	}
	if d := panelOf(t, c, "/small.example/article/activities.json?lang=fr"); !strings.Contains(string(d.Option), `"Monde (Other)"`) {
		t.Errorf("activities: %s", d.Option)
	}
	if got := c.get("/small.example/article/wishes.json?lang=en").body; !strings.Contains(got, `"Fun"`) {
		t.Errorf("wishes: %s", got)
	}
	if a := upload(c, "/small.example/settings/studies", studyHead+"eMarketer,Facebook,user growth rate,world,,2025-12-31,2,percent,\n"); a.status != http.StatusSeeOther {
		t.Fatalf("import answers %d: %s", a.status, a.body)
	}
	if d := panelOf(t, c, "/small.example/article/plateau.json?lang=en"); len(d.Rows) != 0 || d.Empty.Link == "" {
		t.Errorf("the plateau, with the article's study replaced: %v, %v", d.Rows, d.Notes)
	}
	if got := against(); strings.Contains(got, "90.3") || !strings.Contains(got, "Facebook (eMarketer) eMarketer measured 2") {
		t.Errorf("with the article's study replaced: %s", got)
	}
	others, err := r.store.Studies(t.Context(), site.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range others {
		if st.Name != "Survey" {
			c.post(fmt.Sprintf("/small.example/settings/studies/%d/remove", st.ID))
		}
	}
	if d := panelOf(t, c, "/small.example/article/usage-studies.json"); len(d.Rows) != 2 || d.Option == nil {
		t.Errorf("usage: %v", d.Rows)
	}
	if d := panelOf(t, c, "/other.example/article/usage-studies.json"); len(d.Rows) != 0 || d.Empty.Link != "/other.example/settings/studies" {
		t.Errorf("another site sees %v, %v", d.Rows, d.Empty)
	}
	// A file with a bad line changes nothing and says which.
	a := upload(c, "/small.example/settings/studies?lang=en", studyHead+"Survey,Newsletters,subscriber growth rate,world,,soon,1,percent,\n")
	if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "<code>soon</code>") || strings.Contains(against(), "12.5") == false {
		t.Errorf("bad file: %d %s", a.status, a.body)
	}
	saved, err := r.store.Studies(t.Context(), site.ID)
	if err != nil || len(saved) != 1 {
		t.Fatalf("%v, %v", saved, err)
	}
	remove := fmt.Sprintf("/settings/studies/%d/remove", saved[0].ID)
	if a := c.post("/other.example" + remove); a.status != http.StatusNotFound {
		t.Errorf("removed from another site: %d", a.status)
	}
	if a := c.post("/small.example" + remove); a.status != http.StatusSeeOther || strings.Contains(against(), "Survey") {
		t.Errorf("not removed: %d", a.status)
	}
}

// Changes of several metrics, in one country and in the world.
func TestChangesByRegion(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Demo = true
	site = r.site(site)
	var rows []event.Row
	for i, v := range []struct {
		day     int
		country string
	}{{-40, "FR"}, {-40, "FR"}, {-40, "US"}, {-2, "FR"}, {-2, "US"}, {-3, "FR"}, {-3, "FR"}, {-60, "FR"}} {
		row := pageview(site, "/a", uint64(i+1))
		row.Time, row.Country, row.Hostname = r.now.AddDate(0, 0, v.day), v.country, "small.example"
		rows = append(rows, row)
	}
	if err := db.Insert(t.Context(), "rows", event.Events.Of(rows)); err != nil {
		t.Fatal(err)
	}
	d := panelOf(t, r.client(), "/small.example/article/own-activities.json?lang=fr&period=28d")
	want := "[[pageviews world 33.3] [pageviews FR 50] [visits world 33.3] [visits FR 50] [shares world <nil>] [shares FR <nil>] [reshares world <nil>] [reshares FR <nil>]]"
	if got := fmt.Sprint(d.Rows); got != want {
		t.Errorf("changes %s, want %s", got, want)
	}
	if len(d.Labels) < 2 || *d.Labels[0][0] != "Pages vues" || *d.Labels[0][1] != "Monde" || *d.Labels[1][1] != "France" {
		t.Errorf("labels %v", d.Labels)
	}
}
