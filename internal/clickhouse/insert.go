package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/event"
)

// MaxInsertRows is the most that one insert takes: one block, so that it is in
// the table and in its views as a whole or not at all.
const MaxInsertRows = 500_000

// Insert sends rows as one block under token. The same token again changes
// nothing, in the table and in its views, for as long as the tables remember
// (their last 10,000 blocks); the rows must then be the same ones. Of a kind
// that keeps the latest, they replace those of the same key.
func (db *DB) Insert(ctx context.Context, token string, facts event.Rows) error {
	e := facts.Entry()
	if facts.Len() == 0 {
		return nil
	}
	doing := fmt.Sprintf("insert %d rows into %s", facts.Len(), e.Table)
	if token == "" {
		return fmt.Errorf("%s: %w", doing, errors.New("no deduplication token"))
	}
	if facts.Len() > MaxInsertRows {
		return fmt.Errorf("%s: more than %d", doing, MaxInsertRows)
	}
	ctx = driver.Context(ctx, driver.WithSettings(driver.Settings{
		"async_insert":                                       0,
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         token,
		"optimize_on_insert":                                 0, // a merge while inserting buys nothing here
		"max_partitions_per_insert_block":                    0, // an import may span decades
		"deduplicate_blocks_in_dependent_materialized_views": 1,
	}))
	var names []string
	for _, c := range e.Columns {
		names = append(names, c.Name)
	}
	if e.Keeps == event.Latest {
		names = append(names, event.Recorded)
	}
	batch, err := db.conn.PrepareBatch(ctx, "INSERT INTO "+e.Table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return wrap(ctx, doing, err)
	}
	defer batch.Close()
	var m event.Memory
	for i, c := range e.Columns {
		if err := batch.Column(i).Append(facts.Values(i, &m)); err != nil {
			return fmt.Errorf("%s: column %s: %w", doing, c.Name, err)
		}
	}
	if e.Keeps == event.Latest {
		if err := batch.Column(len(e.Columns)).Append(slices.Repeat([]time.Time{time.Now()}, facts.Len())); err != nil {
			return fmt.Errorf("%s: column %s: %w", doing, event.Recorded, err)
		}
	}
	return wrap(ctx, doing, batch.Send())
}
