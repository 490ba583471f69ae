package query

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// goalDimension names what readers did.
const goalDimension = "event:goal"

// namedGoals is how many goals an error about an unknown one names.
const namedGoals = 10

// CheckGoals refuses a question whose filters name a goal that the site has
// never had: its figures would be 0 for a typing error. A goal is an event of
// that name, at whatever time; a share is one always. It asks nothing where no
// filter names a goal.
func CheckGoals(ctx context.Context, r rows.Runner, q Query) error {
	if _, err := Build(q); err != nil {
		return err
	}
	var asked []string
	anyCase := map[string]bool{}
	for _, f := range q.Filter {
		f.leaves(false, func(leaf Filter, _ bool) {
			if leaf.Dimension != goalDimension || leaf.Op != Is && leaf.Op != IsNot {
				return
			}
			for _, name := range leaf.Values {
				if name != event.Share && !slices.Contains(asked, name) {
					asked = append(asked, name)
				}
				anyCase[name] = anyCase[name] || leaf.IgnoreCase
			}
		})
	}
	if len(asked) == 0 {
		return nil
	}
	known, err := knownGoals(ctx, r, q.Site, asked, slices.ContainsFunc(asked, func(name string) bool { return anyCase[name] }))
	if err != nil {
		return err
	}
	for _, name := range asked {
		if !slices.ContainsFunc(known, func(k string) bool { return k == name || anyCase[name] && strings.EqualFold(k, name) }) {
			return unknownGoal(ctx, r, q.Site, name)
		}
	}
	return nil
}

// knownGoals finds those of the names that the site has had, in any case if so
// asked. Without it, the search ends as soon as all are found.
func knownGoals(ctx context.Context, r rows.Runner, site Site, names []string, anyCase bool) ([]string, error) {
	sql := "SELECT DISTINCT " + goalSQL() + " AS goal\n" + fromGoals() + "\nAND "
	if !anyCase {
		sql += fmt.Sprintf("has({names:Array(String)}, goal)\nLIMIT %d", len(names))
		return selectGoals(ctx, r, sql, []rows.Arg{rows.Bind("site", site.ID), rows.Bind("names", names)})
	}
	folded := make([]string, len(names))
	for i, name := range names {
		folded[i] = strings.ToLower(name)
	}
	return selectGoals(ctx, r, sql+"has({names:Array(String)}, lowerUTF8(goal))", []rows.Arg{rows.Bind("site", site.ID), rows.Bind("names", folded)})
}

func goalSQL() string {
	d, _, _ := metric.LookupDimension(goalDimension)
	return "toString(" + d.SQL + ")"
}

func fromGoals() string {
	d, _, _ := metric.LookupDimension(goalDimension)
	return "FROM events\nWHERE site_id = {site:UInt32} AND " + d.Where
}

func unknownGoal(ctx context.Context, r rows.Runner, site Site, name string) error {
	sql := "SELECT " + goalSQL() + " AS goal\n" + fromGoals() + fmt.Sprintf("\nGROUP BY goal\nORDER BY count() DESC, goal\nLIMIT %d", namedGoals+1)
	known, err := selectGoals(ctx, r, sql, []rows.Arg{rows.Bind("site", site.ID)})
	if err != nil {
		return err
	}
	if len(known) == 0 {
		return invalid("filters",
			"there is no goal %q: no event but page views has come yet; a goal is an event with a name of its own, such as earshot(\"Signup\")",
			"il n’y a pas d’objectif %q : seules des pages vues sont arrivées ; un objectif est un événement qui a son nom, comme earshot(\"Signup\")", name)
	}
	list := strings.Join(known[:min(len(known), namedGoals)], ", ")
	if len(known) > namedGoals {
		list += ", …"
	}
	return invalid("filters", "there is no goal %q; known are %s", "il n’y a pas d’objectif %q ; on connaît %s", name, list)
}

// selectGoals are the values of a statement's column "goal".
func selectGoals(ctx context.Context, r rows.Runner, sql string, args []rows.Arg) ([]string, error) {
	var list []string
	err := r.Select(ctx, sql, args, func(row *rows.Row) error {
		list = append(list, row.Text("goal"))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for goals: %w", err)
	}
	return list, nil
}
