package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/csvfile"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/panel"
)

// history is a year of a small blog: visits of several pages, with some shares and
// visits by shared links.
func history(site uint32, now time.Time) []event.Row {
	rnd := rand.New(rand.NewPCG(1, 2))
	of := func(list ...string) string { return list[rnd.IntN(len(list))] }
	var rows []event.Row
	for i := range uint64(600) {
		row := event.Row{
			Event: event.Event{
				Site: site, Time: now.Add(-time.Duration(rnd.Int64N(int64(400 * 24 * time.Hour)))), Name: event.Pageview, Visitor: i + 1, Hostname: "demo.example",
				Path: of("/", "/a", "/blog/b", "/blog/=c", "/Blog/d"), Source: of("", "Google", "Bing", "Mastodon"), Channel: of("Direct", "Organic Search"),
				Country: of("", "FR", "US", "JP"), Device: of("Mobile", "Desktop"), Browser: of("Firefox", "Safari"), OS: of("Android", "iOS"), UTMCampaign: of("", "spring"),
				ViaShare: of("", "", "1aaaaaaaaa", "2bbbbbbbbb"),
			},
			Visit: i + 1, Entry: 1, Bounce: 1,
		}
		row.EntryPath = row.Path
		rows = append(rows, row)
		next := row
		next.Time, next.Entry, next.Bounce, next.GapMS = row.Time.Add(20*time.Second), 0, 0, 20_000
		next.Name, next.EngagedMS, next.HasScroll, next.ScrollDepth, next.Scroll, next.Scrolled, next.Read = event.Engagement, 18_000, true, 80, 80, 1, 1
		rows = append(rows, next)
		if i%5 == 0 {
			next.Name, next.Bounce, next.EngagedMS, next.Scroll, next.Scrolled, next.Read = event.Share, -1, 0, 0, 0, 0
			next.ShareID, next.ShareNetwork, next.ShareKind = fmt.Sprintf("1%09d", i), of("mastodon", "copy", "x"), of("link", "copy")
			rows = append(rows, next)
		}
	}
	return rows
}

// rival is a competitor's account.
const rival = "@rival"

// markRival marks that account as a competitor's.
func markRival(t testing.TB, r *rig, site meta.Site) {
	t.Helper()
	if _, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "x", Handle: rival, Competitor: true}); err != nil {
		t.Fatal(err)
	}
}

// readings are the followers of two accounts, one with rounded counts and a gap,
// and of a competitor's.
func readings(site uint32, now time.Time) []event.FollowerCount {
	var list []event.FollowerCount
	for day := range 500 {
		at := now.Add(-time.Duration(day) * 24 * time.Hour)
		list = append(list, event.FollowerCount{Site: site, Time: at, Network: "mastodon", Account: "@a@b.example", Followers: uint64(900 - day), Origin: event.OriginPoll})
		if day < 40 || day > 70 {
			list = append(list, event.FollowerCount{Site: site, Time: at, Network: "bluesky", Account: "=a", Followers: uint64(500 + day%9), Rounded: true, Origin: event.OriginPoll})
		}
		list = append(list, event.FollowerCount{Site: site, Time: at, Network: "x", Account: rival, Followers: uint64(70_000 - day*day/9), Origin: event.OriginPoll})
	}
	return list
}

// statistics are the networks' own figures of two accounts for two months, with a
// gap.
func statistics(site uint32, now time.Time) []event.Insight {
	var list []event.Insight
	for day := range 60 {
		if day >= 20 && day < 25 {
			continue
		}
		date := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -day)
		for i, account := range []string{"linkedin/=b", "x/a"} {
			network, handle, _ := strings.Cut(account, "/")
			for j, name := range []string{"reach", "impressions", "link_clicks", "=odd"} {
				list = append(list, event.Insight{Site: site, Day: date, Network: network, Account: handle, Name: name, Value: float64(day*(i+1)*(j+1)) / 8, Origin: "import:1"})
			}
		}
	}
	return list
}

// panelOf decodes a panel's JSON, with numbers as they stand in the text.
func panelOf(t *testing.T, c *client, path string) panel.Answer {
	t.Helper()
	a := c.get(path)
	if a.status != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, a.status, a.body)
	}
	return answerIn(t, path, a.body)
}

func answerIn(t *testing.T, path, text string) panel.Answer {
	t.Helper()
	var d panel.Answer
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return d
}

// cells are a panel's rows as its CSV should have them.
func cells(d panel.Answer) [][]string {
	out := [][]string{}
	for i, row := range d.Rows {
		line := make([]string, len(row))
		for j, v := range row {
			switch v := v.(type) {
			case nil:
			case json.Number:
				n, _ := v.Float64()
				line[j] = strconv.FormatFloat(n, 'f', -1, 64)
			case string:
				line[j] = v
				if v == "" {
					dim, _, _ := metric.LookupDimension(d.Columns[j].Key)
					line[j] = dim.Empty.EN
					if line[j] == "" && d.Labels[i][j] != nil { // a dimension that isn't in the registry
						line[j] = *d.Labels[i][j]
					}
				}
				line[j] = csvfile.Cell(line[j], ',')
			}
		}
		out = append(out, line)
	}
	return out
}
