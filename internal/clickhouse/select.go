package clickhouse

import (
	"context"
	"fmt"
	"math"
	"reflect"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/rows"
)

var _ rows.Runner = (*DB)(nil)

// Select runs one query, as [rows.Runner] says. It waits for its turn, which is
// that of whoever the context says asks (internal/turn), and keeps the place
// until the last row: each must not wait for anybody outside. The end of ctx
// stops the query on the server too, and comes back as the context's error.
func (db *DB) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	done, err := db.turns.Take(ctx)
	if err != nil {
		return fmt.Errorf("wait for a turn to query: %w", err)
	}
	defer done()
	// Closing an answer reads it to its end unless the query was cancelled.
	queryCtx, cancel := context.WithCancel(ctx)
	answer, err := db.conn.Query(queryCtx, sql, bound(args)...)
	if err != nil {
		cancel()
		return wrap(ctx, "query", err)
	}
	defer func() { cancel(); answer.Close() }()

	types := answer.ColumnTypes()
	cells := make([]any, len(types)) // pointers of each column's own type
	for i, t := range types {
		cells[i] = reflect.New(t.ScanType()).Interface()
	}
	row, values := rows.New(answer.Columns()), make([]any, len(cells))
	for answer.Next() {
		if err := answer.Scan(cells...); err != nil {
			return wrap(ctx, "read a row", err)
		}
		for i, c := range cells {
			values[i] = plain(reflect.ValueOf(c).Elem())
		}
		if err := row.Give(values, each); err != nil {
			return err
		}
	}
	return wrap(ctx, "query", answer.Err())
}

func bound(args []rows.Arg) []any {
	named := make([]any, len(args))
	for i, a := range args {
		named[i] = driver.Named(a.Name, a.Value)
	}
	return named
}

// plain turns a scanned cell into one of the few types of cells of [rows.Row].
func plain(v reflect.Value) any {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return nil
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	}
	switch x := v.Interface().(type) {
	case interface{ InexactFloat64() float64 }: // a decimal
		return x.InexactFloat64()
	default:
		return x
	}
}
