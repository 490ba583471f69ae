package imports

import "time"

// triedZones are tried, after those that a file and its site speak for, where the IDs
// of posts show that its times are of another: one for each offset and rule of
// summer time that many people live by.
var triedZones = []string{
	"UTC", "America/Los_Angeles", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Sao_Paulo", "America/Bogota", "America/Mexico_City",
	"Europe/London", "Europe/Paris", "Europe/Helsinki", "Europe/Istanbul", "Europe/Moscow", "Africa/Lagos", "Africa/Johannesburg", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata",
	"Asia/Dhaka", "Asia/Jakarta", "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland",
}

// maxKnown is how many posts are asked for when they were made.
const maxKnown = 500

// findZone finds out of which zone the times in these columns are that say none.
// The question is nil where there are none.
func (c *calendar) findZone(t *table, columns []string, o options, madeAt func(record) (time.Time, bool)) (*Question, []LineError) {
	local := false
	type pair struct {
		written
		made time.Time
		year int
	}
	var known []pair
	for _, r := range t.records {
		if local && (madeAt == nil || len(known) >= maxKnown) {
			break // enough is known
		}
		for _, column := range columns {
			w, ok := parseWritten(t.cell(r, column))
			if !ok || !w.timed || w.zoned {
				continue
			}
			local = true
			if made, ok := t.made(madeAt, r); ok && column == "published" && len(known) < maxKnown {
				known = append(known, pair{w, made, c.years[cellAt{r.line, column}]})
			}
		}
	}
	if !local {
		return nil, nil
	}
	agree := func(zone *time.Location) (n int) {
		for _, k := range known {
			if _, _, _, ok := k.in(c.order); !ok {
				continue
			}
			// Written down to the minute, and made seconds before it is there.
			if ahead := k.at(c.order, k.year, zone).Sub(k.made); ahead > -2*time.Minute && ahead < 5*time.Minute {
				n++
			}
		}
		return n
	}
	q := &Question{Key: AskZone, Value: o.Site.Location().String()}
	if o.Answers.Zone != "" {
		zone, err := time.LoadLocation(o.Answers.Zone)
		if err != nil || o.Answers.Zone == "Local" {
			return nil, []LineError{{Line: 1, Key: BadZone, Text: o.Answers.Zone}}
		}
		c.zone, q.Value = zone, o.Answers.Zone
		if len(known) > 0 {
			q.Why = []Saying{{Key: "ids", N: agree(zone), M: len(known)}}
		}
		return q, nil
	}
	q.Why = []Saying{{Key: "site"}}
	candidates := []string{o.Site.Location().String()}
	if t.zone != "" {
		candidates = []string{t.zone, candidates[0]}
		q.Why = []Saying{{Key: "meta"}}
	}
	sure := len(candidates) // of which one post is enough
	candidates = append(candidates, triedZones...)
	best, most := candidates[0], 0
	for i, name := range candidates {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue
		}
		n := agree(zone)
		if i >= sure && name != pacific && name != "UTC" && n < 2 || i > 0 && 2*n < len(known) {
			continue // chance
		}
		if n > most {
			best, most = name, n
		}
	}
	zone, err := time.LoadLocation(best)
	if err != nil {
		zone, best = o.Site.Location(), o.Site.Location().String()
	}
	c.zone, q.Value = zone, best
	if len(known) > 0 {
		if most > 0 && best != candidates[0] {
			q.Why = nil
		}
		q.Why = append(q.Why, Saying{Key: "ids", N: most, M: len(known)})
	}
	return q, nil
}
