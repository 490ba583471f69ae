package embedded

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// purgeEvery is the pause between two offers to give memory back.
const purgeEvery = time.Minute

// purge asks the engine to return freed memory to the system whenever nobody
// is querying: its allocator keeps hundreds of megabytes otherwise. Errors are
// left to the supervisor, which sees a dead engine by itself.
func (e *Engine) purge(ctx context.Context) {
	t := time.NewTicker(purgeEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := e.purgeIfIdle(ctx); err != nil && ctx.Err() == nil {
			e.log.Debug("ClickHouse kept its freed memory", "err", err)
		}
	}
}

func (e *Engine) purgeIfIdle(ctx context.Context) error {
	return withConn(e.Addr(), e.password, func(conn clickhouse.Conn) error {
		var queries uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM system.processes").Scan(&queries); err != nil {
			return err
		}
		if queries > 1 { // this one is counted
			return nil
		}
		return conn.Exec(ctx, "SYSTEM JEMALLOC PURGE")
	})
}
