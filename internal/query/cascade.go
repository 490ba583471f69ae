package query

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

const (
	// MaxCascade is how many shares a Cascade shows.
	MaxCascade = 2000
	// maxCascadeRead is how many it weighs to choose them, those with most
	// visits; what follows from one beyond that stands by itself.
	maxCascadeRead = 200_000
)

// Cascade is how a page's shares led to visits, and these to further shares:
// a forest, whose trees begin with the shares of the page that follow from no
// other of it. The biggest MaxCascade shares by Spread are in Nodes; the rest
// is in the sums alone.
type Cascade struct {
	Site   Site
	Path   string // "" = of all pages
	Range  Range
	Nodes  []CascadeNode // in order of time, a share before what followed from it
	Shares int64         // all of them
	Visits int64         // that all of them brought in the range
}

// CascadeNode is one act of sharing.
type CascadeNode struct {
	ID         string
	Parent     string    // the share that brought its sharer, "" where that is no node
	Time       time.Time // in the site's zone
	Path       string    // of the page shared: a reader may share another one
	Network    string
	Kind       string
	Generation int   // 1 = its sharer came through no share
	Visits     int64 // that it brought in the range
	Reshares   int64 // shares of readers whom it brought
	Spread     int64 // visits that it and all that followed from it brought
}

// The shares of a page, and those in whose tree one of them stands: a superset
// of what followed from them, as the root of each is known. Two scans, however
// deep the trees are.
const cascadeSQL = `WITH
    made AS
    (
        SELECT share_id AS id, share_parent, share_root, ts, path, share_network, share_kind, share_generation
        FROM sharing
        WHERE %[1]s AND name = 'share' AND share_id != ''%[2]s
        ORDER BY ts
        LIMIT 1 BY id
    ),
    brought AS
    (
        SELECT via_share AS id, sum(entry) AS visits
        FROM sharing
        WHERE %[1]s AND entry = 1 AND via_share != ''
        GROUP BY id
    )
SELECT id, share_parent, ts, path, toString(share_network) AS network, toString(share_kind) AS kind, share_generation, visits,
    count() OVER () AS all_shares, sum(visits) OVER () AS all_visits
FROM made
LEFT ANY JOIN brought USING (id)
ORDER BY visits DESC, ts, id
LIMIT {most:UInt64}`

// AskCascade finds the cascade of the page with a path, "" for all pages, in
// one statement.
func AskCascade(ctx context.Context, r rows.Runner, site Site, path string, span Range) (*Cascade, error) {
	b := &builder{q: Query{Site: site, Range: span}, loc: site.location(), names: map[rows.Arg]string{}}
	if !span.From.Before(span.To) {
		return nil, invalid("date_range", "the range ends before it begins", "la période finit avant de commencer")
	}
	b.fixed()
	in := strings.Join(b.happened(b.whole()).where(), "\nAND ")
	ofPage := ""
	if path != "" {
		p := b.arg("String", path)
		ofPage = " AND (path = " + p + " OR share_root IN (SELECT share_root FROM sharing WHERE " + in + " AND name = 'share' AND path = " + p + "))"
	}
	b.args = append(b.args, rows.Bind("most", fmt.Sprint(maxCascadeRead)))
	c := &Cascade{Site: site, Path: path, Range: span}
	err := r.Select(ctx, fmt.Sprintf(cascadeSQL, in, ofPage), b.args, func(row *rows.Row) error {
		c.Nodes = append(c.Nodes, CascadeNode{
			ID: row.Text("id"), Parent: row.Text("share_parent"), Time: row.Time("ts").In(b.loc), Path: row.Text("path"),
			Network: row.Text("network"), Kind: row.Text("kind"), Generation: int(row.Int("share_generation")), Visits: row.Int("visits"),
		})
		c.Shares, c.Visits = row.Int("all_shares"), row.Int("all_visits")
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("query the cascade of %s: %w", site.Domain, err)
	}
	c.grow()
	return c, nil
}

// grow links the nodes, leaves out what did not follow from the page, and
// keeps the biggest.
func (c *Cascade) grow() {
	// Parents come first: one generation after the other.
	slices.SortFunc(c.Nodes, func(a, b CascadeNode) int {
		return cmp.Or(cmp.Compare(a.Generation, b.Generation), a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID))
	})
	at := make(map[string]int, len(c.Nodes))
	parents := make([]int, len(c.Nodes))
	belongs := make([]bool, len(c.Nodes))
	for i, n := range c.Nodes {
		p, ok := at[n.Parent]
		ok = ok && belongs[p] // a parent of no lower generation is not there yet: no circle
		parents[i] = -1
		if ok {
			parents[i] = p
		}
		belongs[i] = ok || c.Path == "" || n.Path == c.Path
		at[n.ID] = i
		if !belongs[i] {
			c.Shares--
			c.Visits -= n.Visits
		}
	}
	for i := len(c.Nodes) - 1; i >= 0; i-- {
		n := &c.Nodes[i]
		n.Spread += n.Visits
		n.Parent = ""
		if p := parents[i]; p >= 0 && belongs[i] {
			n.Parent = c.Nodes[p].ID
			c.Nodes[p].Spread += n.Spread
			c.Nodes[p].Reshares++
		}
	}
	kept := c.Nodes[:0]
	for i, n := range c.Nodes {
		if belongs[i] {
			kept = append(kept, n)
		}
	}
	// A share spreads at least as far as what followed from it, so cutting
	// leaves no node without its parent.
	slices.SortStableFunc(kept, func(a, b CascadeNode) int { return cmp.Compare(b.Spread, a.Spread) })
	kept = kept[:min(len(kept), MaxCascade)]
	slices.SortFunc(kept, func(a, b CascadeNode) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Generation, b.Generation), cmp.Compare(a.ID, b.ID))
	})
	c.Nodes = slices.Clip(kept)
}

// Result is the cascade as rows, a node each, for tables and CSV files.
func (c *Cascade) Result() *Result {
	none := text.Text{EN: "(first)", FR: "(premier)"}
	unknown := text.Text{EN: "Unknown", FR: "Inconnu"}
	label := func(key, en, fr string, empty text.Text) Column {
		return Column{Key: key, Title: text.Text{EN: en, FR: fr}, Empty: empty}
	}
	count := func(key, en, fr string) Column {
		return Column{Key: key, Metric: true, Title: text.Text{EN: en, FR: fr}, Unit: metric.Count, Good: metric.UpIsGood}
	}
	res := &Result{Query: Query{Site: c.Site, Range: c.Range}, TotalRows: int(c.Shares), Columns: []Column{
		label("share", "Share", "Partage", unknown),
		label("parent", "After share", "À la suite de", none),
		label("time", "Shared at", "Partagé le", unknown),
		label("event:page", "Page", "Page", unknown),
		label("share:network", "Shared to", "Partagé sur", unknown),
		label("share:kind", "Way of sharing", "Manière de partager", unknown),
		count("generation", "Generation", "Génération"),
		count("share_visits", "Visits from it", "Visites apportées"),
		count("reshares", "Reshares", "Repartages"),
		count("spread", "Visits from it and what followed", "Visites apportées, suites comprises"),
	}}
	for _, n := range c.Nodes {
		res.Rows = append(res.Rows, []any{
			n.ID, n.Parent, n.Time.Format(time.DateTime), n.Path, n.Network, n.Kind,
			int64(n.Generation), n.Visits, n.Reshares, n.Spread,
		})
	}
	return res
}
