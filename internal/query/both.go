package query

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// A range and an earlier one are asked in one statement. Rows of groups come
// with the earlier period's row of the same group beside them, so that a list
// of ten has ten earlier rows, however many groups there were; rows of time, and
// totals, come one period after the other.

// runBoth runs two statements of one question as one.
func runBoth(ctx context.Context, r rows.Runner, now, before *answering) error {
	before.rename(now.Args)
	args := slices.Clone(now.Args)
	for _, a := range before.Args {
		if !slices.ContainsFunc(args, func(b rows.Arg) bool { return b.Name == a.Name }) {
			args = append(args, a)
		}
	}
	dims := slices.IndexFunc(now.Columns, func(c Column) bool { return c.Metric })
	sql, add := inTurn(now, before), func(cells []any) error {
		if n, _ := rows.Int(cells[0]); n == 0 {
			return now.add(cells[1:][:now.width()])
		}
		cells = cells[1:]
		return before.add(slices.Concat(cells[:len(before.Columns)], cells[len(now.Columns):][:len(before.Hidden)]))
	}
	if dims > 0 && !now.timed() {
		sql, add = sideBySide(now, before, dims), func(cells []any) error {
			if err := now.add(cells[:now.width()]); err != nil {
				return err
			}
			then := cells[now.width():]
			if found, _ := rows.Int(then[0]); found == 0 {
				return nil
			}
			return before.add(slices.Concat(cells[:dims], then[1:]))
		}
	}
	return r.Select(ctx, sql, args, func(row *rows.Row) error { return add(row.Cells()) })
}

// timed says that the rows are of buckets of time.
func (a *answering) timed() bool {
	return slices.ContainsFunc(a.Columns, func(c Column) bool { return !c.Metric && c.Bucket != metric.NoBucket })
}

// rename gives parameters names of their own where taken has the name for
// another value.
func (a *answering) rename(taken []rows.Arg) {
	args := slices.Clone(a.Args)
	for i, arg := range args {
		if j := slices.IndexFunc(taken, func(t rows.Arg) bool { return t.Name == arg.Name }); j >= 0 && !reflect.DeepEqual(taken[j].Value, arg.Value) {
			args[i].Name = "before_" + arg.Name
			a.SQL = strings.ReplaceAll(a.SQL, "{"+arg.Name+":", "{"+args[i].Name+":")
		}
	}
	a.Args = args
}

// inTurn has the rows of one period, marked 0, before those of the earlier one,
// marked 1, each in their order.
func inTurn(now, before *answering) string {
	columns := slices.Concat(now.names, now.Hidden)
	earlier := slices.Clone(columns)
	for i, name := range columns {
		if !slices.Contains(before.names, name) && !slices.Contains(before.Hidden, name) {
			earlier[i] = "NULL AS " + name
		}
	}
	of := func(period int, columns []string, st Statement) string {
		return fmt.Sprintf("SELECT %d AS period, %s, rowNumberInAllBlocks() AS place\nFROM\n(\n%s\n)", period, strings.Join(columns, ", "), indent(st.SQL))
	}
	return "SELECT period, " + strings.Join(columns, ", ") + "\nFROM\n(\n" +
		indent(of(0, columns, now.Statement)+"\nUNION ALL\n"+of(1, earlier, before.Statement)) + "\n)\nORDER BY period, place"
}

// sideBySide has the rows of one period, each followed by 1 and the values of
// the same group in the earlier one, or by 0 and others.
func sideBySide(now, before *answering, dims int) string {
	var columns, same []string
	for _, name := range slices.Concat(now.names, now.Hidden) {
		columns = append(columns, "n."+name+" AS "+name)
	}
	columns = append(columns, "b.found AS found")
	for _, name := range slices.Concat(before.names[dims:], before.Hidden) {
		columns = append(columns, "b."+name+" AS before_"+name)
	}
	for _, name := range now.names[:dims] {
		same = append(same, "b."+name+" = n."+name)
	}
	return "SELECT\n" + indent(strings.Join(columns, ",\n")) + "\nFROM\n(\n" +
		indent("SELECT *, 1 AS found\nFROM\n(\n"+indent(before.SQL)+"\n)") + "\n) AS b\nRIGHT ANY JOIN\n(\n" +
		indent("SELECT *, rowNumberInAllBlocks() AS place\nFROM\n(\n"+indent(now.SQL)+"\n)") + "\n) AS n ON " + strings.Join(same, " AND ") + "\nORDER BY n.place"
}
