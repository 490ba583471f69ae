package query

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/csvfile"
	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// CSVOptions say how a file is written. The zero value is RFC 4180 with the
// names of the API in its header row, in UTF-8.
type CSVOptions struct {
	Lang   text.Locale // of titles and of empty values
	Titles bool        // header row of titles instead of names
	// European separates by semicolons and writes decimal commas, as
	// spreadsheets of French and most European locales expect.
	European bool
	BOM      bool // begin with a byte order mark, for Excel
}

// WriteCSV writes the answer, the same rows and numbers. Unknown values are
// empty cells. A column of money has one for the currency beside it. No
// text runs in a spreadsheet as a formula: internal/csvfile has the rule.
func (res *Result) WriteCSV(w io.Writer, o CSVOptions) error {
	f, err := newFile(w, o, res.Columns)
	if err != nil {
		return err
	}
	for _, row := range res.Rows {
		if err := f.write(row); err != nil {
			return err
		}
	}
	return f.flush()
}

// StreamCSV asks a query and writes its rows as they come, so that an answer
// of any length fits in memory. The database waits for w meanwhile, which must
// not be a client. Answers with buckets of time, which are short, are
// completed first, as by Run.
func StreamCSV(ctx context.Context, r rows.Runner, q Query, w io.Writer, o CSVOptions) error {
	st, err := Build(q)
	if err != nil {
		return err
	}
	if fills(q, st.Columns) {
		res, err := Run(ctx, r, q)
		if err != nil {
			return err
		}
		return res.WriteCSV(w, o)
	}
	read, err := newReader(q, st)
	if err != nil {
		return err
	}
	// The header waits for the first row, so that a query that fails leaves
	// the caller free to answer with an error.
	var f *file
	err = r.Select(ctx, st.SQL, st.Args, func(row *rows.Row) error {
		if f == nil {
			if f, err = newFile(w, o, st.Columns); err != nil {
				return err
			}
		}
		return f.write(read.row(row.Cells()))
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", q.Site.Domain, err)
	}
	if f == nil {
		if f, err = newFile(w, o, st.Columns); err != nil {
			return err
		}
	}
	return f.flush()
}

// file writes rows as CSV.
type file struct {
	w       *csv.Writer
	o       CSVOptions
	columns []Column
	cells   []string
}

func newFile(w io.Writer, o CSVOptions, columns []Column) (*file, error) {
	if o.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, fmt.Errorf("write csv: %w", err)
		}
	}
	f := &file{w: csv.NewWriter(w), o: o, columns: columns}
	f.w.UseCRLF = true
	if o.European {
		f.w.Comma = ';'
	}
	for _, c := range columns {
		name, currency := c.Key, c.Key+"_currency"
		if o.Titles {
			name = c.Title.In(o.Lang)
			currency = text.Text{EN: name + " (currency)", FR: name + " (devise)"}.In(o.Lang)
			if c.Unit == metric.Percent {
				name += " (%)"
			} else if c.Unit == metric.Duration {
				name += " (s)"
			}
		}
		f.cells = append(f.cells, f.safe(name))
		if c.Unit == metric.Money {
			f.cells = append(f.cells, f.safe(currency))
		}
	}
	return f, f.emit()
}

func (f *file) write(row []any) error {
	f.cells = f.cells[:0]
	for i, c := range f.columns {
		if c.Unit == metric.Money {
			f.cells = append(f.cells, f.money(row[i])...)
			continue
		}
		f.cells = append(f.cells, f.cell(c, row[i]))
	}
	return f.emit()
}

// money is an amount and its currency; several amounts stand in the first
// cell, each with its own.
func (f *file) money(v any) []string {
	m, _ := v.(Money)
	if len(m) == 1 {
		return []string{f.number(m[0].Value), m[0].Currency}
	}
	var list []string
	for _, a := range m {
		list = append(list, f.number(a.Value)+" "+a.Currency)
	}
	text := strings.Join(list, " + ")
	return []string{f.safe(text), ""} // several amounts are text
}

func (f *file) number(n float64) string {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if f.o.European {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

func (f *file) emit() error {
	if err := f.w.Write(f.cells); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func (f *file) flush() error {
	f.w.Flush()
	if err := f.w.Error(); err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	return nil
}

func (f *file) safe(text string) string { return csvfile.Cell(text, f.w.Comma) }

func (f *file) cell(c Column, v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return f.number(v)
	case time.Time:
		if c.Bucket == metric.Hour {
			return v.Format(time.DateTime)
		}
		return v.Format(time.DateOnly)
	case string:
		if v == "" {
			v = c.Empty.In(f.o.Lang)
		}
		return f.safe(v)
	}
	return ""
}
