package demo

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Scale says how much data to make.
type Scale struct {
	Events int    // about how many, over all sites
	Days   int    // up to today; 1 to 3,650
	Seed   uint64 // the same seed gives the same rows
	Pages  int    // of each site; 0 means 500
	Shares int    // percent of the events that are shares, at most 10; 0 means as many as the demo has, about 1
	Now    time.Time
}

// Fill writes events for the sites with these IDs, in the time zone of each.
// Sites are as unequal as sites are: the first has half of the events, the
// next half of the rest as 1/rank goes. progress may be nil.
func (s Scale) Fill(ctx context.Context, store Store, sites []ScaleSite, progress func(float64)) error {
	if s.Events < 1 || s.Days < 1 || s.Days > 3650 || len(sites) == 0 {
		return fmt.Errorf("at least 1 event, 1 site and 1 to 3,650 days are needed")
	}
	if s.Shares < 0 || s.Shares > 10 {
		return fmt.Errorf("%d percent of the events can't be shares: 0 to 10 can", s.Shares)
	}
	if progress == nil {
		progress = func(float64) {}
	}
	var shares float64
	for rank := range sites {
		shares += 1 / float64(rank+1)
	}
	done := 0.0
	for rank, one := range sites {
		part := 1 / float64(rank+1) / shares
		made := s.site(one, float64(s.Events)*part/s.eventsPerVisit())
		before := done
		if err := fill(ctx, store, made, s.Days, s.Seed, s.Now, func(f float64) { progress(before + part*f) }); err != nil {
			return err
		}
		done += part
	}
	return nil
}

// sharing brings about as many shares as are wanted, each of which brings about
// one visit. A sharer has 9/8 shares.
func (s Scale) sharing() sharing {
	if s.Shares == 0 {
		return usualSharing
	}
	aVisit := s.eventsPerVisit() * float64(s.Shares) / 100
	return sharing{block: int(math.Round(9. / 8 / aVisit)), via: int(math.Round(100 * aVisit))}
}

func (s Scale) eventsPerVisit() float64 {
	if s.Shares == 0 {
		return EventsPerVisit
	}
	usual := 9. / 8 / float64(usualSharing.block)
	return (EventsPerVisit - usual) / (1 - float64(s.Shares)/100)
}

// ScaleSite is a site to fill.
type ScaleSite struct {
	ID       uint32
	Hostname string
	Location *time.Location
}

// site spreads visits over the days by weekday, with slow growth; its pages
// follow Zipf's law and appear over the first two thirds of the time.
func (s Scale) site(one ScaleSite, visits float64) site {
	n := s.Pages
	if n == 0 {
		n = 500
	}
	out := site{id: one.ID, hostname: one.Hostname, loc: one.Location, sharing: s.sharing()}
	for i := range n {
		lang := "en"
		if i%3 == 0 {
			lang = "fr"
		}
		out.pages = append(out.pages, page{path: fmt.Sprintf("/%d/post-%04d/", 2020+i%7, i+1), lang: lang,
			published: 1 + (i*7919)%max(1, s.Days*2/3) - s.Days/3, pull: 1000 / float64(i+1), dwell: 0.6 + float64(i%9)/10})
	}
	var sum float64
	weight := func(day int, date time.Time) float64 {
		return weekdayWeights[date.Weekday()] * (1 + float64(day)/float64(s.Days)) * (0.9 + 0.2*chance(s.Seed+uint64(one.ID), uint64(day)).Float64())
	}
	today := startOfDay(s.Now.In(one.Location))
	for day := 1; day <= s.Days; day++ {
		sum += weight(day, today.AddDate(0, 0, day-s.Days))
	}
	out.visits = func(day int, date time.Time) int {
		return int(math.Round(visits * weight(day, date) / sum))
	}
	return out
}
