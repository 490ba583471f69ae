// Package study reads other people's figures, so that a site's own can stand
// beside them: surveys, panels, market reports, one row a figure. The studies
// of the article that the dashboard "The article" discusses come with the
// program; users import their own in the same form. internal/panel draws
// them, cmd imports them. Pure: where studies are kept is others' business.
package study

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Row is one figure.
type Row struct {
	Study    string    // who measured: "eMarketer"
	Subject  string    // of what: "Facebook"
	Measure  string    // what: "user growth rate"
	Segment  string    // of whom: "world", a country's two letters, "16–24"
	Start    time.Time // first day; zero = a moment's figure
	End      time.Time // last day
	Value    float64
	Unit     string // "percent", "percent of users", "count", "rank", …
	Estimate bool   // the study expected it; nobody had measured it yet
}

// Columns of a file, in order.
func Columns() []string {
	return []string{"study", "subject", "measure", "segment", "period_start", "period_end", "value", "unit", "estimate"}
}

//go:embed data/article.csv
var article []byte

// wishes are an order that the article gives in words, without figures.
//
//go:embed data/wishes.csv
var wishes []byte

// Article are the figures of the article, as it gives them.
func Article() ([]Row, error) {
	var rows []Row
	for _, file := range [][]byte{article, wishes} {
		f, err := Read(bytes.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("read the article's figures: %w", err)
		}
		if len(f.Errors) > 0 {
			return nil, fmt.Errorf("read the article's figures: line %d: %s", f.Errors[0].Line, f.Errors[0].Key)
		}
		rows = append(rows, f.Rows...)
	}
	return rows, nil
}

// Names lists the studies of rows, in their order.
func Names(rows []Row) []string {
	var list []string
	for _, r := range rows {
		if !slices.Contains(list, r.Study) {
			list = append(list, r.Study)
		}
	}
	return list
}

// Of are the rows of one study.
func Of(rows []Row, name string) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Study != name })
}

// Write gives rows the form of a file that Read takes.
func Write(rows []Row) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(Columns()) // a Buffer takes everything
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	for _, r := range rows {
		_ = w.Write([]string{r.Study, r.Subject, r.Measure, r.Segment, day(r.Start), day(r.End),
			strconv.FormatFloat(r.Value, 'f', -1, 64), r.Unit, strconv.FormatBool(r.Estimate)})
	}
	w.Flush()
	return b.Bytes()
}
