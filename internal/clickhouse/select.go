package clickhouse

import (
	"context"
	"fmt"
	"math"
	"reflect"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/query"
)

var _ query.Runner = (*DB)(nil)

// Select runs one query, as [query.Runner] says. It waits for its turn, which is
// that of whoever the context says asks (internal/turn), and keeps the place
// until the last row: row must not wait for anybody outside. The end of ctx
// stops the query on the server too, and comes back as the context's error.
func (db *DB) Select(ctx context.Context, sql string, args []query.Arg, row func(values []any) error) error {
	done, err := db.turns.Take(ctx)
	if err != nil {
		return fmt.Errorf("wait for a turn to query: %w", err)
	}
	defer done()
	named := make([]any, len(args))
	for i, a := range args {
		named[i] = driver.Named(a.Name, a.Value)
	}
	// Closing rows reads them to their end unless the query was cancelled.
	queryCtx, cancel := context.WithCancel(ctx)
	rows, err := db.conn.Query(queryCtx, sql, named...)
	if err != nil {
		cancel()
		return wrap(ctx, "query", err)
	}
	defer func() { cancel(); rows.Close() }()

	types := rows.ColumnTypes()
	cells := make([]any, len(types)) // pointers of each column's own type
	for i, t := range types {
		cells[i] = reflect.New(t.ScanType()).Interface()
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return wrap(ctx, "read a row", err)
		}
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = plain(reflect.ValueOf(c).Elem())
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return wrap(ctx, "query", rows.Err())
}

// plain turns a scanned cell into one of the few types that query.Runner
// promises.
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
