package demo

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/event"
)

// HistoryDays is the length of the demo blog's history: thirteen months.
const HistoryDays = 396

// historyBefore is how many days of follower counts there are from before.
const historyBefore = 3 * 365

// Zone is the demo site's time zone.
const Zone = "Europe/Paris"

// History writes the demo blog's past, up to now, for the site with that ID:
// events, readings of followers and posts, networks' statistics, hits left
// out. It is safe to be called again on the same day after an interruption.
// progress may be nil; it is told the share that is done, 0 to 1.
func History(ctx context.Context, store Store, siteID uint32, seed uint64, now time.Time, progress func(float64)) error {
	if progress == nil {
		progress = func(float64) {}
	}
	loc, err := time.LoadLocation(Zone)
	if err != nil {
		return fmt.Errorf("load the demo's time zone: %w", err)
	}
	posts, err := blog.Posts()
	if err != nil {
		return fmt.Errorf("read the demo's posts: %w", err)
	}
	s := site{id: siteID, hostname: blog.Domain, loc: loc, sharing: usualSharing, visits: blogVisits(posts, seed)}
	s.pages = append(s.pages, page{path: blog.Base, lang: "en", published: 1, pull: 5, dwell: 0.5, index: true})
	for _, p := range posts {
		s.pages = append(s.pages, page{
			path: p.Path(), lang: p.Lang, published: max(1, HistoryDays-p.DaysAgo),
			pull: float64(p.Pull), dwell: 0.7 + float64((p.DaysAgo*7)%10)/10,
		})
	}
	if err := fill(ctx, store, s, HistoryDays, seed, now, func(f float64) { progress(0.95 * f) }); err != nil {
		return err
	}
	figures := postRows(siteID, seed, now, posts)
	for _, facts := range []event.Rows{
		event.LeftOuts.Of(leftOutRows(siteID, seed, now)),
		event.Posts.Of(figures),
		event.Insights.Of(insightRows(siteID, seed, now, figures)),
		event.Followers.Of(followerRows(siteID, seed, now)), // last: where they are there, the whole history is
	} {
		name := facts.Entry().Name
		if err := store.Insert(ctx, fmt.Sprintf("demo-%s-%d-%d-%s", name, siteID, seed, now.Format("20060102")), facts); err != nil {
			return fmt.Errorf("write the demo's %s: %w", name, err)
		}
	}
	progress(1)
	return nil
}

// blogVisits is the demo blog's visits on a day: a base that grows and levels
// off, the weekday, a wave after each post, and weather.
func blogVisits(posts []blog.Post, seed uint64) func(int, time.Time) int {
	return func(day int, date time.Time) int {
		base := 70 + 210/(1+math.Exp(-(float64(day)-170)/60))
		wave := 0.0
		for _, p := range posts {
			if age := day - (HistoryDays - p.DaysAgo); age >= 0 && age < 40 {
				wave += 0.11 * float64(p.Pull) * math.Exp(-float64(age)/3.5)
			}
		}
		weather := 0.9 + 0.2*chance(seed, uint64(day)).Float64()
		return int(base * weekdayWeights[date.Weekday()] * (1 + wave) * weather)
	}
}

// followerRows has a reading a day for the demo's thirteen months and, as from
// an imported history, one a week for three years before.
func followerRows(siteID uint32, seed uint64, now time.Time) []event.FollowerCount {
	today := startOfDay(now.UTC())
	var out []event.FollowerCount
	for i, f := range append(slices.Clone(followings), rival) {
		r := chance(seed, uint64(1000+i))
		noise := 0.0
		for ago := HistoryDays + historyBefore; ago >= 0; ago-- {
			noise = 0.97*noise + r.NormFloat64()*f.limit*0.0006
			imported := ago > HistoryDays
			if (imported && ago%7 != 0) || f.unread(ago) {
				continue
			}
			at := today.AddDate(0, 0, -ago).Add(6 * time.Hour)
			if at.After(now) {
				at = today
			}
			c := event.FollowerCount{Site: siteID, Time: at, Network: f.network, Account: f.account,
				Followers: uint64(math.Max(0, f.size(ago)+noise)), Origin: event.OriginPoll}
			if imported {
				c.Origin = event.OriginImport
			}
			out = append(out, c)
		}
	}
	return out
}

// size is how many follow the account so many days ago, chance apart.
func (f following) size(ago int) float64 {
	years := float64(HistoryDays+historyBefore-ago) / 365
	n := f.limit * math.Exp(math.Log(f.start/f.limit)*math.Exp(-f.rate*years))
	if ago < 365 {
		n -= f.decline * float64(365-ago) / 365
	}
	return n
}

// unread says that nothing could be read of the account so many days ago.
func (f following) unread(ago int) bool { return ago < f.lost[0] && ago > f.lost[1] }

func leftOutRows(siteID uint32, seed uint64, now time.Time) []event.LeftOut {
	var out []event.LeftOut
	today := startOfDay(now.UTC())
	for i, l := range leftOut {
		r := chance(seed, uint64(2000+i))
		for ago := HistoryDays - 1; ago >= 1; ago-- {
			out = append(out, event.LeftOut{Site: siteID, Time: today.AddDate(0, 0, -ago).Add(time.Duration(r.IntN(24)) * time.Hour),
				Reason: l.reason, Agent: l.agent, Count: uint32(l.perDay * (0.5 + r.Float64()))})
		}
	}
	return out
}
