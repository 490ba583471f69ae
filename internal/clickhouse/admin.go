package clickhouse

import (
	"context"
	"fmt"
	"regexp"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// RemoveSite deletes everything that was measured of a site, from every table
// that has sites, and returns when it is gone.
func (db *DB) RemoveSite(ctx context.Context, site uint32) error {
	var tables []string
	err := db.Select(ctx, `SELECT c.table AS table FROM system.columns AS c JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
		WHERE c.database = currentDatabase() AND c.name = 'site_id' AND t.engine LIKE '%MergeTree' ORDER BY c.table`, nil,
		func(row *rows.Row) error {
			tables = append(tables, row.Text("table"))
			return nil
		})
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	for _, table := range tables {
		// A number and the schema's own names: nothing here comes from outside.
		if err := db.Exec(ctx, fmt.Sprintf("ALTER TABLE `%s` DELETE WHERE site_id = %d SETTINGS mutations_sync = 1", table, site)); err != nil {
			return fmt.Errorf("remove site from %s: %w", table, err)
		}
	}
	return nil
}

// A backup's name is a file name without anything that SQL or a path could
// take for more.
var backupName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`)

// Backup copies the database into the folder name inside the server's folder
// for backups.
func (db *DB) Backup(ctx context.Context, name string) error {
	if !backupName.MatchString(name) {
		return fmt.Errorf("backup name %q: letters, digits and hyphens only", name)
	}
	return wrap(ctx, "back up the database", db.server(ctx, backupRunner(ctx, fmt.Sprintf("BACKUP DATABASE %s TO File('%s')", db.database, name))))
}

// Restore makes the database, which must not exist, from the copy that Backup
// made under that name.
func (db *DB) Restore(ctx context.Context, name, database string) error {
	if !backupName.MatchString(name) || !databaseName.MatchString(database) {
		return fmt.Errorf("backup name %q of database %q: letters, digits and hyphens only", name, database)
	}
	return wrap(ctx, "restore the database", db.server(ctx, backupRunner(ctx, fmt.Sprintf("RESTORE DATABASE %s AS %s FROM File('%s')", database, db.database, name))))
}

func backupRunner(ctx context.Context, sql string) func(driver.Conn) error {
	return func(c driver.Conn) error { return c.Exec(ctx, sql) }
}

// An origin that may be removed: nothing in it that SQL could take for more.
var importOrigin = regexp.MustCompile(`^import:[0-9]{1,19}$`)

// RemoveImported deletes what an import brought of a kind of fact, and returns
// when it is gone. A row that was replaced since stays.
func (db *DB) RemoveImported(ctx context.Context, e *event.Entry, site uint32, origin string) error {
	if !importOrigin.MatchString(origin) || !e.Imported() {
		return fmt.Errorf("rows of origin %q in %s are not an import's", origin, e.Table)
	}
	err := db.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DELETE WHERE site_id = %d AND origin = '%s' SETTINGS mutations_sync = 1", e.Table, site, origin))
	if err != nil {
		return fmt.Errorf("remove imported %s: %w", e.Name, err)
	}
	return nil
}
