package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/panel"
)

// Revenue is shown by event and currency, with the same amounts as in the file;
// without revenue, the panel says how to send some.
func TestPanelOfRevenue(t *testing.T) {
	db := chtest.New(t)
	r := newRig(t, func(d *Deps) { d.Runner = db })
	r.now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)
	site := meta.NewSite("small.example")
	site.Timezone, site.Demo = "UTC", true
	site = r.site(site)
	sale := func(id uint64, name, currency, amount string) event.Row {
		row := pageview(site, "/", id)
		row.Name, row.Time, row.RevenueCurrency, row.RevenueAmount = name, r.now.Add(-time.Hour), currency, amount
		return row
	}
	if err := db.Insert(t.Context(), "sold", event.Events.Of([]event.Row{
		pageview(site, "/", 1), sale(2, "Order", "EUR", "30.5"), sale(3, "Order", "EUR", "10"), sale(4, "Order", "USD", "5"), sale(5, "Tip", "JPY", "1200"), sale(6, "Signup", "", ""),
	})); err != nil {
		t.Fatal(err)
	}
	c := r.client()
	for lang, title := range map[string]string{"en": "Revenue", "fr": "Chiffre d’affaires"} {
		d := panelOf(t, c, "/small.example/engagement/revenue.json?period=today&compare=none&lang="+lang)
		rows, err := json.Marshal(d.Rows)
		if err != nil {
			t.Fatal(err)
		}
		want := `[["Tip","JPY",[{"currency":"JPY","value":1200}],[{"currency":"JPY","value":1200}],1],` +
			`["Order","EUR",[{"currency":"EUR","value":40.5}],[{"currency":"EUR","value":20.25}],2],` +
			`["Order","USD",[{"currency":"USD","value":5}],[{"currency":"USD","value":5}],1]]`
		if diff := cmp.Diff(want, string(rows)); diff != "" || d.Title != title || len(d.Notes) == 0 {
			t.Errorf("%s: %q %v %s", lang, d.Title, d.Notes, diff)
		}
		empty := panelOf(t, c, "/small.example/engagement/revenue.json?period=yesterday&lang="+lang)
		if len(empty.Rows) != 0 || !strings.Contains(empty.Empty.Text, `revenue: { currency: "EUR"`) {
			t.Errorf("%s, without any: %v", lang, empty.Empty)
		}
	}
	a := c.get("/small.example/engagement/revenue.csv?period=today&compare=none")
	if want := "Tip,JPY,1200,JPY,1200,JPY,1\r\nOrder,EUR,40.5,EUR,20.25,EUR,2\r\nOrder,USD,5,USD,5,USD,1\r\n"; !strings.HasSuffix(a.body, want) {
		t.Errorf("the file: %s", a.body)
	}

	// The filter form lists each dimension once.
	if list := panel.FilterDimensions(); slices.Contains(list, "visit:country_name") || slices.Contains(list, "visit:screen") || !slices.Contains(list, "event:currency") {
		t.Error(list)
	}
}
