package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"time"
)

const sharePercent = 5 // of the events

// sharingFigures opens the Overview and the Sharing dashboard in turn, on
// sites where one event in twenty is a share. The second is to take no more
// than twice the time of the first.
func sharingFigures(b *bench, r *report) error {
	if b.data != "" {
		return sharingOf(b, r, b.data)
	}
	for _, events := range b.events {
		data := filepath.Join(b.work, fmt.Sprintf("sharing-%d", events))
		_, err := command(b.binary, data, "", "demo", "--events", fmt.Sprint(events), "--sites", "1", "--days", "365", "--shares", fmt.Sprint(sharePercent))
		if err == nil {
			err = sharingOf(b, r, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sharingOf(b *bench, r *report, data string) error {
	p, err := b.start(data)
	if err != nil {
		return err
	}
	defer p.stop()
	client, err := p.login()
	if err != nil {
		return err
	}
	events, err := engineNumber(data, countSQL)
	if err != nil {
		return err
	}
	shares, err := engineNumber(data, countSQL+" WHERE name = 'share'")
	if err != nil {
		return err
	}
	for _, period := range []string{"28d", "91d", "12mo"} {
		overview, sharing, ratio, err := inTurn(client, p.base+"/demo-001.example", period)
		if err != nil {
			return err
		}
		r.add(fmt.Sprintf("sharing ÷ overview, %s events, %s shares, %s", thousands(int(events)), thousands(int(shares)), period),
			fmt.Sprintf("page and its panels, at most 6 at once as a browser asks, warm; median of %d rounds in turn (min–max)", turns),
			"%.2f (%.2f–%.2f): %.0f ms and %.0f ms", median(ratio), slices.Min(ratio), slices.Max(ratio), median(sharing), median(overview))
	}
	begun := time.Now()
	if err := get(client, p.base+"/demo-001.example/overview/exit-pages.json?period=12mo"); err != nil {
		return err
	}
	r.add(fmt.Sprintf("exit pages, %s events, 12mo", thousands(int(events))), "the panel alone, which is in a tab of the Overview; once", "%.1f s", time.Since(begun).Seconds())
	return nil
}

const turns = 5

// inTurn opens both dashboards one after the other, once to warm up and then
// turns times, and gives what each took in ms and, by round, their ratio.
func inTurn(client *http.Client, site, period string) (overview, sharing, ratio []float64, err error) {
	for i := range turns + 1 {
		var took [2]time.Duration
		for j, dashboard := range []string{"overview", "sharing"} {
			if took[j], err = open(client, site, dashboard, period); err != nil {
				return nil, nil, nil, err
			}
		}
		if i == 0 {
			continue
		}
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		overview, sharing = append(overview, ms(took[0])), append(sharing, ms(took[1]))
		ratio = append(ratio, took[1].Seconds()/took[0].Seconds())
	}
	return overview, sharing, ratio, nil
}
