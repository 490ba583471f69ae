package metric

import (
	"fmt"
	"strings"
)

const docsHead = `# Metrics and dimensions

This file is written by ` + "`go run ./internal/metric/gendocs`" + ` from the registry in internal/metric, which the dashboards, CSV files and the Stats API read too.

## How figures are made

- **Visits as a whole.** Bounce rate, visit duration and visits from shares belong to visits. By page and under a page's filter they are those of the visits that entered there. Other filters on events (a goal, a property) pick the visits that have an event for which all such filters hold.
- **Visits** are counted where they begin; by page, or under a filter on events, all visits with such an event are counted.
- **Shares.** The share that brought a visit is the one in the address that it began with; a share met later in a visit brought nothing new. A sharer's own return on the same UTC day or the next is no visit brought; on a later day nobody can tell it from another reader's. A share's parent is the share that brought its sharer. An address copied from the address bar (a site's wish, see docs/snippet.md) is a share once a visit comes by it; as nobody knows who shared it and when, it is part of no figure of sharers or of time since a share. Link previews and crawlers that fetch a shared address are hits left out, by network.
- **Time.** Ranges include their first instant and exclude their last; days, weeks (from Monday) and months are those of the site's time zone. A visit belongs whole to the hour, the day and the range in which it began: visits, bounce rate, duration, views per visit, scroll depth, engaged time and read rate are those of the visits that began then, with all that they did later. Visitors, page views, events and shares count when they happen, so that a reader whose visit began before midnight is a visitor of both days, and a visit of the first alone.
- **Nothing and unknown** are different: where nothing was recorded a count is 0, and a ratio or a follower count has no value. What lies in the future has none. A filter that a metric can't take leaves it without a value.
- **Followers** are readings, never summed over time. A reading stands for an account for 7 days, or for as long as the bucket is, up to 31 days. Accounts that are marked as a competitor's are left out unless ` + "`account:role`" + ` is asked for or filtered by.
- **Rounded** counts make figures about followers rounded: ` + "`rounded_accounts`" + ` is above 0, pages show ≈, and files have that column.
- **Projections** of a bucket that is not over stand in columns of their own (` + "`visitors_projected`" + `), in tables and files of the dashboards: docs/growth.md.
- **Posts** are those of the accounts that were published in the range, each with the last that its network told, also after the range; a time is that of publication, a ratio is over the posts whose figure is known. What a post brings is counted for 7 days from its publication, so that posts compare, and no visit is given to two posts.
- **Networks' own statistics** are days from imported files (docs/connectors.md), each called ` + "`insight:name`" + `; a day is the network's own, and figures of different names have no sum.
- **Hits left out** (bots, AI crawlers, link previews, readers who opted out) have a metric and dimensions of their own and are part of no other figure.
- **Distinct counts** of days that are over are exact; others are exact up to 65,000 and within about 1 % above; such answers are marked as estimates.
- **Revenue** is kept in the currency that was sent, and every sum and mean is by currency: a row with one currency has one amount, a row with several has one for each.
- **Rounding** is done once, so that a page, its CSV file and the Stats API say the same.
- **Before recording.** Figures of readers are unknown, not 0, before the site's first event, by every measure of time: hours, days, months, and the hours of a week that have not come since. Files have an empty cell, JSON has null, charts a gap, and nothing is compared with a time of which a part is unknown. Hits left out are known from the first hit of any kind, an account's followers from its first reading.
- **Comparison.** The change is (now − before) ÷ before in percent, and has no value where the earlier figure is 0, below it, or unknown. Whole months are compared with as many whole months (February of a leap year with February), other periods with as many days: those just before, or those that end a year before the last day, of which 29 February becomes the 28th. While a period is not over, totals are compared with as many days of the earlier one and as much of the last.

## Metrics
`

// Docs renders the registry as the Markdown of docs/metrics.md.
func Docs() string {
	var b strings.Builder
	b.WriteString(docsHead)
	for _, m := range metrics {
		fmt.Fprintf(&b, "\n### `%s` – %s / %s\n\n%s\n\n*%s*\n\n", m.Name, m.Title.EN, m.Title.FR, m.Doc.EN, m.Doc.FR)
		fmt.Fprintf(&b, "- Formula: %s\n- Unit: %s\n- Source: %s\n", m.Formula, unitWords[m.Unit], m.Source)
		if words := map[Direction]string{UpIsGood: "a rise", DownIsGood: "a fall"}[m.Good]; words != "" {
			fmt.Fprintf(&b, "- Good news: %s\n", words)
		}
		for _, r := range m.References {
			fmt.Fprintf(&b, "- Reference: %v – %s *%s*\n", r.Value, r.Text.EN, r.Text.FR)
		}
		if m.NeedsGoal {
			b.WriteString("- Needs a filter or a dimension `event:goal`, `event:name` or `event:props:…`\n")
		}
		if m.NeedsDimension {
			b.WriteString("- Needs a dimension\n")
		}
		if not := m.refused(); not != "" {
			fmt.Fprintf(&b, "- Not by: %s\n", not)
		}
	}
	b.WriteString("\n## Dimensions\n\n| name | title | titre | meaning | without a value |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range dimensions {
		name := d.Name
		if d.Keyed() {
			name += "…"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s *%s* | %s |\n", name, d.Title.EN, d.Title.FR, d.Doc.EN, d.Doc.FR, d.Empty.EN)
	}
	b.WriteString("\n`time` is the bucket that suits the range: hours up to 2 days, days up to 100, weeks up to half a year, months beyond.\n")
	return b.String()
}

var unitWords = map[Unit]string{
	Count: "whole number", Percent: "percent", Ratio: "decimal number", Duration: "seconds",
	Money: "amounts, each with its currency",
}

// refused lists the dimensions that the metric can't be asked by, a whole kind
// by its first word.
func (m Metric) refused() string {
	kinds := map[string]bool{} // some dimension of the kind is taken
	for _, d := range dimensions {
		kind, _, _ := strings.Cut(d.Name, ":")
		kinds[kind] = kinds[kind] || m.takes(d)
	}
	var list []string
	seen := map[string]bool{}
	for _, d := range dimensions {
		kind, _, _ := strings.Cut(d.Name, ":")
		name := "`" + d.Name + "`"
		if d.Keyed() {
			name = "`" + d.Name + "…`"
		}
		if !kinds[kind] {
			name = "`" + kind + ":…`"
		}
		if !m.takes(d) && !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}
