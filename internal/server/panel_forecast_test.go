package server

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// If a follower count approaches a ceiling, the panel says so, in both languages;
// for a short history, it says how long to wait.
func TestForecastInWords(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db; d.NetworkNames = map[string]string{"mastodon": "Mastodon"} })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	var list []event.FollowerCount
	follow := func(domain string, days int, size func(months float64) float64) {
		site := meta.NewSite(domain)
		site.Demo = true
		site = r.site(site)
		for day := range days {
			at := r.now.AddDate(0, 0, -day)
			list = append(list, event.FollowerCount{Site: site.ID, Time: at, Network: "mastodon", Account: "@a@b.example", Followers: uint64(size(float64(days-day) / 30.44)), Origin: event.OriginPoll})
		}
	}
	grow := func(months float64) float64 { return 8000 * math.Exp(-math.Log(16)*math.Exp(-0.1*months)) }
	follow("old.example", 760, grow)
	follow("young.example", 20, grow)
	follow("still.example", 400, func(float64) float64 { return 200 })
	follow("alone.example", 400, func(float64) float64 { return 1 })
	follow("zero.example", 400, func(float64) float64 { return 0 })
	follow("falls.example", 400, func(months float64) float64 { return 5000 * math.Pow(0.95, months) })
	follow("jump.example", 400, func(months float64) float64 {
		if months > 12 {
			return 4000
		}
		return 200
	})
	r.site(func() meta.Site { s := meta.NewSite("none.example"); s.Demo = true; return s }())
	if err := db.Insert(t.Context(), "readings", event.Followers.Of(list)); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for path, want := range map[string]string{
		"/old.example/growth/forecast.json?lang=en":                "At this pace growth ends at about 8,000 followers around winter 2029.",
		"/old.example/growth/forecast.json?lang=fr":                "À ce rythme, la croissance s’arrête à environ 8\u00a0000 abonnés, vers l’hiver 2029.",
		"/old.example/growth/forecast-by-network.json?lang=en":     "Mastodon: at this pace growth ends at about 8,000",
		"/young.example/growth/forecast.json?lang=en":              "Not enough data yet: 4 more weeks of readings are needed for a forecast.",
		"/young.example/growth/forecast.json?lang=en&interval=day": "No end in sight: growth does not slow surely enough to tell a level. Of late it is 0.9% a day.",
		"/young.example/growth/forecast-by-week.json?lang=fr":      "Pas encore assez de données\u00a0: il manque 4 semaines",
		"/young.example/growth/forecast-by-day.json?lang=fr":       "Pas de fin en vue\u00a0: la croissance ne ralentit pas assez nettement pour donner un niveau. Dernièrement, elle est de 0,9\u202f% par jour.",
		"/young.example/growth/forecast-by-network.json?lang=fr":   "Mastodon\u00a0: pas encore assez de données\u00a0: il manque 4 semaines",
		"/still.example/growth/forecast.json?lang=en":              "The following stands still: of late it neither surely grows nor surely falls. There are 200 followers.",
		"/still.example/growth/forecast.json?lang=fr":              "L’audience est stable\u00a0: dernièrement, elle n’augmente ni ne baisse nettement. Il y a 200 abonnés.",
		"/alone.example/growth/forecast-by-day.json?lang=en":       "The following stands still: of late it neither surely grows nor surely falls. There is 1 follower.",
		"/zero.example/growth/forecast.json?lang=en":               "There are no followers at present, so there is nothing to forecast.",
		"/zero.example/growth/forecast-by-week.json?lang=fr":       "Il n’y a aucun abonné pour l’instant, donc rien à prévoir.",
		"/falls.example/growth/forecast.json?lang=en":              "The following falls: of late by 5% per month. There are 2,6",
		"/falls.example/growth/forecast-by-network.json?lang=fr":   "Mastodon\u00a0: l’audience baisse\u00a0: dernièrement, de 5\u202f% par mois. Il y a 2\u00a06",
		"/falls.example/growth/forecast-by-day.json?lang=en":       "The following falls: of late by 0.2% per day.",
		"/jump.example/growth/forecast.json?lang=en":               "The last readings don’t follow the history, as the count jumped.",
		"/jump.example/growth/forecast.json?lang=fr":               "Les derniers relevés ne suivent pas l’historique, car le nombre a fait un saut.",
	} {
		d := panelOf(t, c, path)
		if len(d.Notes) == 0 || !strings.HasPrefix(d.Notes[0].Text, want) {
			t.Errorf("%s says %+v, want %q", path, d.Notes, want)
		}
	}
	if d := panelOf(t, c, "/none.example/growth/forecast.json?lang=en"); len(d.Rows) != 0 || !strings.HasPrefix(d.Empty.Text, "No follower counts") {
		t.Errorf("without accounts: %v, %q", d.Rows, d.Empty.Text)
	}
}
