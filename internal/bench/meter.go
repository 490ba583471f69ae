package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// meter says what something costs a running program and its engine.
type meter struct {
	program *program
	db      *clickhouse.DB
	itself  counters // what reading them costs
}

// counters are what the engine counts of all statements.
type counters struct{ statements, rows int64 }

// cost is processor time of the program and of its engine, and what the engine
// was asked.
type cost struct {
	own, engine time.Duration
	counters
}

func (p *program) meter() (*meter, error) {
	dsn, ok := embedded.Running(p.data)
	if !ok {
		return nil, fmt.Errorf("no engine runs on %s", p.data)
	}
	db, err := clickhouse.Open(context.Background(), clickhouse.Options{DSN: dsn})
	if err != nil {
		return nil, err
	}
	m := &meter{program: p, db: db}
	var seen [3]counters // the first warms up
	for i := range seen {
		if seen[i], err = m.read(); err != nil {
			m.close()
			return nil, err
		}
	}
	m.itself = counters{seen[2].statements - seen[1].statements, seen[2].rows - seen[1].rows}
	return m, nil
}

func (m *meter) close() { _ = m.db.Close() }

func (m *meter) read() (c counters, err error) {
	const sql = `SELECT sumIf(value, event = 'Query') AS statements, sumIf(value, event = 'SelectedRows') AS rows FROM system.events`
	err = m.db.Select(context.Background(), sql, nil, func(row *rows.Row) error {
		c = counters{int64(row.Uint("statements")), int64(row.Uint("rows"))}
		return nil
	})
	return c, err
}

// of is what do costs. Whatever else the program does meanwhile is in it:
// quiet first.
func (m *meter) of(do func() error) (c cost, err error) {
	before, err := m.read()
	if err != nil {
		return c, err
	}
	own, engine := m.program.processor()
	if err := do(); err != nil {
		return c, err
	}
	c.own, c.engine = m.program.processor()
	c.own, c.engine = c.own-own, c.engine-engine
	after, err := m.read()
	c.counters = counters{after.statements - before.statements - m.itself.statements, after.rows - before.rows - m.itself.rows}
	return c, err
}

// quiet waits until the engine merges nothing.
func (m *meter) quiet() error {
	const inARow = 5
	still := 0
	for range 3000 {
		var merges uint64
		err := m.db.Select(context.Background(), "SELECT count() AS merges FROM system.merges", nil, func(row *rows.Row) error {
			merges = row.Uint("merges")
			return nil
		})
		if err != nil {
			return err
		}
		if still++; merges > 0 {
			still = 0
		}
		if still == inARow {
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return errors.New("the engine still merges after ten minutes")
}

// text reads one cell.
func (m *meter) text(sql string) (s string, err error) {
	err = m.db.Select(context.Background(), sql, nil, func(row *rows.Row) error {
		s, _ = rows.Text(row.Cells()[0])
		return nil
	})
	return s, err
}
