package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/query"
)

// The numbers that the formulas' sources give, each as readers who make it
// so: n people of whom a share brought some.
func TestGoldenNumbersOfSharing(t *testing.T) {
	const id = "1aaaaaaaaa"
	for i, c := range []struct {
		name, metrics string
		readers       int
		brought       int
		want          string
	}{
		{"K = 0.7 makes 3.33 readers of each", "k_factor amplification", 10, 7, "=0.7,3.33"},
		{"50k and 100k lift by half", "social_lift share_visits", 15, 5, "=1.5,5"},
		{"nobody brought, nothing amplified", "k_factor amplification social_lift share_half_life time_to_first_visit", 10, 0, "=0,1,1,-,-"},
		{"all brought: no end, no lift to tell", "k_factor amplification social_lift", 10, 10, "=1,-,-"},
		{"half of 5 visits, a minute apart each, have come with the third", "share_half_life time_to_first_visit", 6, 5, "=180,60"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := chtest.New(t)
			shared := hit{at: time.Second, name: event.Share, path: "/a", share: event.Event{ShareID: id, ShareNetwork: "copy", ShareKind: "copy"}}
			var visits []visit
			for n := range c.readers {
				v := visit{id: uint64(n + 1), visitor: uint64(n + 1), start: day.Add(time.Duration(n+1) * time.Minute), hits: []hit{{path: "/a"}}}
				if n >= c.readers-c.brought {
					v.stamp.ViaShare = id
					v.start = v.start.Add(time.Second)
				}
				if n == 0 {
					v.hits = append(v.hits, shared)
				}
				visits = append(visits, v)
			}
			if c.readers > c.brought {
				visits[c.readers-c.brought-1].hits = append(visits[c.readers-c.brought-1].hits[:1], shared)
				if c.readers-c.brought > 1 {
					visits[0].hits = visits[0].hits[:1]
				}
			}
			insert(t, db, 1, visits)
			res, err := query.Run(t.Context(), db, query.Query{Site: query.Site{ID: 1}, Metrics: strings.Fields(c.metrics), Range: query.Range{From: day, To: day.AddDate(0, 0, 1)}})
			if err != nil {
				t.Fatal(err)
			}
			if got := written(res); got != c.want {
				t.Errorf("case %d: got %s, want %s", i, got, c.want)
			}
		})
	}
}

// How often people share, told by hand: of 10 sharers 4 share once, 3 twice,
// 2 four times and 1 nine times, some of it to another network.
func TestHowOftenPeopleShare(t *testing.T) {
	db := chtest.New(t)
	var visits []visit
	for n, times := range []int{1, 1, 1, 1, 2, 2, 2, 4, 4, 9} {
		v := visit{id: uint64(n + 1), visitor: uint64(n + 1), start: day.Add(time.Duration(n) * time.Hour), hits: []hit{{path: "/a"}}}
		for i := range times {
			network := "mastodon"
			if i%4 == 3 {
				network = "email"
			}
			v.hits = append(v.hits, hit{at: time.Duration(i+1) * time.Second, name: event.Share, path: "/a",
				share: event.Event{ShareID: fmt.Sprintf("1%09d", n*100+i), ShareNetwork: network, ShareKind: "link"}})
		}
		visits = append(visits, v)
	}
	insert(t, db, 1, visits)
	const often = "shares sharers sharers_once sharers_twice sharers_3_to_5 sharers_6_or_more repeat_sharers dark_share"
	for by, want := range map[string]string{
		"":              "=27,10,4,3,2,1,60,14.8",
		"share:network": "mastodon=23,10,4,3,2,1,60,0 | email=4,3,2,1,0,0,33.3,100",
		"share:dark":    "public=23,10,4,3,2,1,60,0 | private=4,3,2,1,0,0,33.3,100",
		"share:kind":    "link=27,10,4,3,2,1,60,14.8",
		"event:page":    "/a=27,10,4,3,2,1,60,14.8",
	} {
		res, err := query.Run(t.Context(), db, query.Query{Site: query.Site{ID: 1}, Metrics: strings.Fields(often), Dimensions: strings.Fields(by), Range: query.Range{From: day, To: day.AddDate(0, 0, 1)}})
		if err != nil {
			t.Fatal(err)
		}
		if got := written(res); got != want {
			t.Errorf("by %q: got  %s\nwant %s", by, got, want)
		}
	}
}
