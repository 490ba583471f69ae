package demo

import (
	"math"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// forgotten are days of which the blogger saved no file: so many days ago, from
// and to.
var forgotten = [2]int{75, 69}

// insightRows are what the statistics of two networks say of the demo's
// accounts, day by day, from the posts that were seen on them.
func insightRows(siteID uint32, seed uint64, now time.Time, posts []event.PostFigures) []event.Insight {
	today := startOfDay(now.UTC())
	var out []event.Insight
	for i, f := range followings {
		if !f.views {
			continue
		}
		shown := map[time.Time]float64{}
		before := map[string]uint64{} // by post
		for _, p := range posts {
			if p.Network == f.network && p.Account == f.account {
				day := startOfDay(p.Time).AddDate(0, 0, -1) // it is read in the morning
				shown[day] += float64(*p.Views - before[p.Post])
				before[p.Post] = *p.Views
			}
		}
		r := chance(seed, uint64(4000+i))
		for ago := HistoryDays - 1; ago >= 1; ago-- {
			impressions := shown[today.AddDate(0, 0, -ago)] + f.size(ago)*f.reach*0.05*(0.7+0.6*r.Float64()) // older posts too
			reach := impressions * (0.6 + 0.15*r.Float64())
			for _, figure := range []struct {
				name  string
				value float64
			}{
				{"impressions", impressions}, {"reach", reach},
				{"profile_visits", reach * 0.025 * (0.5 + r.Float64())}, {"link_clicks", reach * 0.012 * (0.5 + r.Float64())},
			} {
				if ago <= forgotten[0] && ago >= forgotten[1] {
					continue
				}
				out = append(out, event.Insight{Site: siteID, Day: today.AddDate(0, 0, -ago), Network: f.network, Account: f.account,
					Name: figure.name, Value: math.Round(figure.value), Origin: event.OriginImport})
			}
		}
	}
	return out
}
