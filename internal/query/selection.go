package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// selection is one sub-select: rows of a table, grouped by the query's
// dimensions, and the parts to compute over them.
type selection struct {
	facts  *metric.Facts // nil = events
	table  string
	joins  []string
	where  []string
	dims   []string // expressions, one a dimension
	sets   []string // grouped by each of these alone; nil = by all dims
	parts  []metric.Part
	scopes []metric.Scope // of parts
	began  bool           // the range and time are those of when visits began
	in     *bounds        // of rows of events and sharing; nil = where says it all

	// See closed.go.
	byDay    bool          // these are the closed days
	known    []metric.Part // what closed days have of it
	exists   []string      // one of which holds for a closed row where this has rows
	left     bool          // nothing is left to read
	ofEvents bool          // rows of a visit may be in several groups
	happened string        // of the rows, what holds for those that happened in the range; "" = any
}

func (s *selection) join(sql string) {
	if sql != "" && !slices.Contains(s.joins, sql) {
		s.joins = append(s.joins, sql)
	}
}

func (s *selection) and(sql string) {
	if sql != "" && !slices.Contains(s.where, sql) {
		s.where = append(s.where, sql)
	}
}

// same says that two selections have the same rows and groups.
func (s *selection) same(o *selection) bool {
	return s.table == o.table && s.in.same(o.in) && slices.Equal(s.joins, o.joins) && slices.Equal(s.where, o.where) && slices.Equal(s.dims, o.dims)
}

// sameGroups says that two selections have the same groups, of the same rows but
// for their time.
func (s *selection) sameGroups(o *selection) bool {
	return s.table == o.table && slices.Equal(s.joins, o.joins) && slices.Equal(s.where, o.where) && slices.Equal(s.dims, o.dims)
}

// from renders everything from FROM to WHERE.
func (s *selection) from() string {
	table, where := s.table, s.where
	if s.in != nil && table == "events" && s.in.whole != nil && s.in.cut != nil {
		table = s.in.union()
	} else if s.in != nil {
		where = append(s.in.where(), where...)
	}
	text := "FROM " + table
	for _, j := range s.joins {
		text += "\n" + j
	}
	if len(where) > 0 {
		text += "\nWHERE " + strings.ReplaceAll(strings.Join(where, "\nAND "), "\n", "\n    ")
	}
	return text
}

// mixed says that it has parts of what happened in a range and of visits that
// began in it.
func (s *selection) mixed() bool {
	began := func(p metric.Part) bool { return p.Began }
	return slices.ContainsFunc(s.parts, began) && slices.ContainsFunc(s.parts, func(p metric.Part) bool { return !began(p) })
}

// split gives the selection of the parts that the table sharing knows, and
// that of the others; nil where there are none.
func (s *selection) split() (rest, sharing *selection) {
	if s.table != "events" {
		return s, nil
	}
	for i, p := range s.parts {
		to, table := &rest, "events"
		if p.Sharing {
			to, table = &sharing, "sharing"
		}
		if *to == nil {
			*to = &selection{table: table, joins: s.joins, where: slices.Clone(s.where), dims: slices.Clone(s.dims), began: s.began, in: s.in}
		}
		(*to).parts, (*to).scopes = append((*to).parts, p), append((*to).scopes, s.scopes[i])
	}
	return rest, sharing
}

// narrow leaves out the rows that no part counts.
func (s *selection) narrow() {
	only := s.parts[0].Only
	for _, p := range s.parts {
		if p.Only != only || s.table != "events" && s.table != "sharing" {
			return
		}
	}
	s.and(only)
}

// render writes a selection as a SELECT with the columns d0, d1, … and those
// of all, NULL where they are another selection's. anchor is "" or the value
// of a column of that name.
func (s *selection) render(all []metric.Part, anchor string) string {
	var columns, groups []string
	for i, sql := range s.dims {
		columns = append(columns, fmt.Sprintf("%s AS d%d", sql, i))
		groups = append(groups, fmt.Sprintf("d%d", i))
	}
	columns = append(columns, s.partColumns(all)...)
	if anchor != "" {
		columns = append(columns, anchor+" AS anchor")
	}
	text := "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\n" + s.from()
	if s.sets != nil {
		text += "\nGROUP BY GROUPING SETS ((" + strings.Join(s.sets, "), (") + "))"
	} else if len(groups) > 0 {
		text += "\nGROUP BY " + strings.Join(groups, ", ")
	}
	return text
}

func (s *selection) partColumns(all []metric.Part) []string {
	var columns []string
	for _, p := range all {
		sql := "NULL"
		for _, own := range s.parts {
			if own.Name == p.Name {
				sql = own.SQL
			}
		}
		columns = append(columns, sql+" AS "+p.Name)
	}
	return columns
}

func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }

// bounds say which rows of events, or of sharing, a range has. To unpack and
// compare each row's time costs as much as what most questions do with it. So
// days (in UTC) all of whose rows belong to the range are asked for by day
// alone, and the days at its ends, where it cuts them, as rows beside.
type bounds struct {
	all   []string // holds for all rows; by the key
	time  []string // and where days are cut, this
	whole []string // the days of which all rows belong to the range; nil = there are none
	cut   []string // the others; nil = there are none
}

// where are the bounds as conditions.
func (in *bounds) where() []string { return slices.Concat(in.all, in.time) }

// union is the table of the rows.
func (in *bounds) union() string {
	return "(\n" + indent("SELECT * FROM events WHERE "+strings.Join(in.whole, " AND ")+
		"\nUNION ALL\nSELECT * FROM events WHERE "+strings.Join(slices.Concat(in.cut, in.time), " AND ")) + "\n) AS events"
}

func (in *bounds) same(o *bounds) bool {
	return in == o || in != nil && o != nil && slices.Equal(in.where(), o.where()) && slices.Equal(in.whole, o.whole)
}
