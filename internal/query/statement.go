package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Statement is a query ready to run. The rows have Columns, in order, then
// those of Hidden, which are for Run.
type Statement struct {
	SQL     string
	Args    []rows.Arg
	Columns []Column
	Hidden  []string

	names []string // of Columns in SQL
}

// Names of Statement.Hidden.
const (
	hiddenDistinct = "largest" // the largest distinct count behind the row
	hiddenRows     = "total"   // rows without limit and offset
)

// statement renders the selections and lays them over each other.
func (b *builder) statement() (Statement, error) {
	st := Statement{Columns: b.columns()}
	var columns []string
	for i := range b.dims {
		columns = append(columns, fmt.Sprintf("p.d%d AS d%[1]d", i))
		st.names = append(st.names, fmt.Sprintf("d%d", i))
	}
	for i, m := range b.metrics {
		sql := m.SQL
		if b.missing[i].EN != "" {
			sql = "NULL"
		}
		columns = append(columns, fmt.Sprintf("%s AS m%d", sql, i))
		st.names = append(st.names, fmt.Sprintf("m%d", i))
	}
	for i, sql := range b.besideSQL() {
		columns = append(columns, fmt.Sprintf("%s AS n%d", sql, i))
		st.names = append(st.names, fmt.Sprintf("n%d", i))
	}
	if sql := b.distinct(); sql != "" {
		st.Hidden = append(st.Hidden, hiddenDistinct)
		columns = append(columns, sql+" AS "+hiddenDistinct)
	}
	if b.q.CountRows {
		st.Hidden = append(st.Hidden, hiddenRows)
		columns = append(columns, "count() OVER ("+b.ofList()+") AS "+hiddenRows)
	}
	text := b.with() + "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\nFROM\n(\n" + indent(b.source()) + "\n) AS p"
	order := b.order()
	if b.q.lists != nil {
		text += b.cutLists(order)
	}
	if order != "" {
		text += "\nORDER BY " + order
	}
	text += b.paging()
	if st.SQL, st.Args = text, b.args; b.q.lists != nil {
		st.Columns, st.names, st.Hidden = listColumns(st.Columns, st.Hidden), append(st.names, st.Hidden...), nil
	}
	return st, nil
}

// with renders the totals that groups are compared with.
func (b *builder) with() string {
	var list []string
	for _, s := range b.scalars {
		for _, p := range s.parts {
			list = append(list, "(\n"+indent("SELECT "+p.SQL+"\n"+s.from())+"\n) AS "+p.Name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "WITH\n" + indent(strings.Join(list, ",\n")) + "\n"
}

// source renders the rows that the formulas are applied to.
func (b *builder) source() string {
	all := b.parts()
	anchor := b.anchor()
	var selects []string
	for _, s := range b.selections {
		value := ""
		switch {
		case anchor == nil:
		case s == anchor && s.happened != "":
			value = "max(" + s.happened + ")"
		case s == anchor:
			value = "1"
		case s.byDay:
			value = "max(t.visitors > 0)" // the anchor has rows that happened in the range
		default:
			value = "0"
		}
		if !s.left {
			selects = append(selects, s.render(all, value))
		}
	}
	if b.account != nil {
		value := ""
		if anchor != nil {
			value = "0"
		}
		selects = append(selects, b.renderAccount(all, value))
	}
	switch {
	case len(selects) == 0:
		return b.nothing()
	case len(selects) == 1 && anchor == nil:
		return selects[0]
	}
	for i, s := range selects {
		if strings.HasPrefix(s, "WITH") {
			selects[i] = "SELECT *\nFROM\n(\n" + indent(s) + "\n)"
		}
	}
	var columns, groups []string
	for i := range b.dims {
		groups = append(groups, fmt.Sprintf("d%d", i))
	}
	columns = append(columns, groups...)
	for _, p := range all {
		sql := "max(u." + p.Name + ")" // one select has the part
		if b.fromClosed(p) {
			sql = "sum(u." + p.Name + ")"
		}
		columns = append(columns, sql+" AS "+p.Name)
	}
	text := "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\nFROM\n(\n" + indent(strings.Join(selects, "\nUNION ALL\n")) + "\n) AS u"
	if len(groups) > 0 {
		text += "\nGROUP BY " + strings.Join(groups, ", ")
		if anchor != nil {
			text += "\nHAVING max(u.anchor) = 1"
		}
	}
	return text
}

// parts are all that some selection has.
func (b *builder) parts() []metric.Part {
	var all []metric.Part
	add := func(parts []metric.Part) {
		for _, p := range parts {
			if !slices.ContainsFunc(all, func(o metric.Part) bool { return o.Name == p.Name }) {
				all = append(all, p)
			}
		}
	}
	for _, s := range b.selections {
		add(s.parts)
	}
	if b.account != nil {
		add(b.account.parts)
	}
	return all
}

// nothing stands in where filters leave no metric: no group, or one row.
func (b *builder) nothing() string {
	columns := []string{"0 AS none"}
	for i := range b.dims {
		columns = append(columns, fmt.Sprintf("'' AS d%d", i))
	}
	text := "SELECT " + strings.Join(columns, ", ")
	if len(b.dims) > 0 {
		text += " WHERE 0"
	}
	return text
}

// anchor returns the selection whose groups are the answer's, where another
// one's stand in for a dimension that it lacks: pages seen, beside entry
// pages of visits that did something.
func (b *builder) anchor() *selection {
	own := slices.DeleteFunc(slices.Clone(b.selections), func(s *selection) bool { return s.byDay })
	ofEvent := slices.ContainsFunc(b.dims, func(d resolvedDimension) bool { return d.Kind == metric.OfEvent })
	mixed := ofEvent && slices.ContainsFunc(own, func(s *selection) bool { return s.mixed() })
	if len(own) < 2 && !mixed {
		return nil
	}
	standsIn := slices.ContainsFunc(b.dims, func(d resolvedDimension) bool { return d.Kind == metric.OfEvent && d.Visit != "" })
	var rows *selection
	for _, s := range own {
		// The table sharing lacks groups without shares, and the range's visits
		// have events after it, and lack those of visits from before it.
		if slices.Contains(s.scopes, metric.Row) && (rows == nil || s.table != "sharing" && !s.began) {
			rows = s
		}
		standsIn = standsIn || slices.Contains(s.scopes, metric.Base) || s.began && ofEvent
	}
	if !standsIn && !mixed {
		return nil
	}
	return rows
}

// distinct renders the largest distinct count behind a row.
func (b *builder) distinct() string {
	var list []string
	for _, s := range b.selections {
		for _, p := range s.parts {
			if p.Distinct {
				list = append(list, "ifNull(p."+p.Name+", 0)")
			}
		}
	}
	for _, s := range b.scalars {
		for _, p := range s.parts {
			if p.Distinct {
				list = append(list, "ifNull("+p.Name+", 0)")
			}
		}
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return "greatest(" + strings.Join(list, ", ") + ")"
}

func (b *builder) columns() []Column {
	var list []Column
	for _, d := range b.dims {
		title := d.Title
		if d.key != "" {
			title = text.Text{EN: d.key, FR: d.key}
		}
		list = append(list, Column{Key: d.asked, Title: title, Empty: d.Empty, Bucket: d.Bucket})
	}
	for i, m := range b.metrics {
		list = append(list, Column{Key: m.Name, Metric: true, Title: m.Title, Unit: m.Unit, Good: m.Good, Missing: b.missing[i]})
	}
	return append(list, b.besideColumns()...)
}

// order renders what was asked for, then all that is left of the default, so
// that pages of an answer never overlap.
func (b *builder) order() string {
	var list []string
	add := func(column string, desc bool) {
		if slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, column+" ") }) {
			return
		}
		list = append(list, column+map[bool]string{true: " DESC", false: " ASC"}[desc]+" NULLS LAST")
	}
	for _, o := range b.q.Order {
		if i := slices.Index(b.q.Dimensions, o.Key); i >= 0 {
			add("d"+strconv.Itoa(i), o.Desc)
		} else {
			add(b.sortKey(slices.Index(b.q.Metrics, o.Key)), o.Desc)
		}
	}
	switch {
	case len(b.dims) == 0:
		return ""
	case b.q.lists != nil:
		return b.orderOfLists()
	case b.q.facts != nil:
		return b.orderOfFacts()
	}
	for i, d := range b.dims {
		if d.Kind == metric.OfTime && len(b.q.Order) == 0 {
			add("d"+strconv.Itoa(i), false)
		}
	}
	if len(b.q.Order) == 0 {
		add(b.sortKey(0), true)
	}
	for i := range b.dims {
		add("d"+strconv.Itoa(i), false)
	}
	return strings.Join(list, ", ")
}

// paging renders limit and offset, unless Run has buckets to fill first.
func (b *builder) paging() string {
	if len(b.dims) == 0 || fills(b.q, b.columns()) {
		return ""
	}
	text := ""
	if b.q.Limit > 0 {
		b.args = append(b.args, rows.Bind("limit", strconv.Itoa(b.q.Limit)))
		text += "\nLIMIT {limit:UInt64}"
	}
	if b.q.Offset > 0 {
		b.args = append(b.args, rows.Bind("offset", strconv.Itoa(b.q.Offset)))
		text += "\nOFFSET {offset:UInt64}"
	}
	return text
}
