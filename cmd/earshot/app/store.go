package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

// store is ClickHouse with Earshot's schema.
type store = clickhouse.DB

// withClickHouse runs f on the data folder's ClickHouse: the server that the
// DSN names, the engine of a server that runs beside this command, or an
// engine that runs for this command only.
func (s *session) withClickHouse(f func(*store) error) error {
	if s.ClickHouseDSN != "" {
		return s.withServer(s.ClickHouseDSN, f)
	}
	if dsn, ok := embedded.Running(s.Data); ok {
		return s.withServer(dsn, f)
	}
	engine := embedded.New(embedded.Options{DataDir: s.Data, Library: s.LibCHDB, Log: s.log})
	if err := engine.Start(s.ctx); err != nil {
		return err
	}
	defer engine.Stop()
	db, err := clickhouse.Open(s.ctx, clickhouse.Options{DSN: engine.DSN(), Dial: engine.Dial})
	if err != nil {
		return err
	}
	if err := db.Migrate(s.ctx); err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(f(db), db.Close())
}

// withServer runs f on a ClickHouse that this command didn't start. It creates a
// missing schema, but leaves one of another version to the running server.
func (s *session) withServer(dsn string, f func(*store) error) error {
	db, err := clickhouse.Open(s.ctx, clickhouse.Options{DSN: dsn})
	if err != nil {
		return err
	}
	return errors.Join(func() error {
		if err := fitSchema(s.ctx, db); err != nil {
			return err
		}
		return f(db)
	}(), db.Close())
}

func fitSchema(ctx context.Context, db *store) error {
	v, err := db.SchemaVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if v == 0 {
		return db.Migrate(ctx)
	}
	return db.CheckSchema(ctx)
}
