package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Import is a file of readings that was looked at, stored or taken back again.
type Import struct {
	ID       int64
	Site     uint32
	Kind     string // the name of an event.Entry
	Name     string // the file's
	Created  time.Time
	Done     time.Time // zero = only looked at
	Undone   time.Time // zero = not taken back
	Readings int       // that it stores or stored
	Data     []byte    // what to store, packed; nil once it is stored
	Replaced []byte    // what it replaced, packed; nil before storing began
}

// previewLife is how long a file that nobody stored is kept.
const previewLife = 24 * time.Hour

// keptOfSite is how many of a site's files are kept that were looked at, and
// how many that left a question open: up to 64 MB each.
const keptOfSite = 5

// AddImport keeps a file that was looked at, from Site, Kind, Name, Readings
// and Data, and forgets those that were looked at a day ago and left, and of a
// site all but the last few.
func (s *Store) AddImport(ctx context.Context, i Import) (Import, error) {
	i.Created = s.now().UTC().Truncate(time.Millisecond)
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM imports WHERE done = 0 AND replaced IS NULL AND created < ?", toMillis(i.Created.Add(-previewLife)))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM imports WHERE done = 0 AND replaced IS NULL AND site_id = ?1 AND id NOT IN
			(SELECT id FROM imports WHERE done = 0 AND replaced IS NULL AND site_id = ?1 ORDER BY id DESC LIMIT ?2)`, i.Site, keptOfSite-1)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "INSERT INTO imports (site_id, kind, name, created, readings, data) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
			i.Site, i.Kind, i.Name, toMillis(i.Created), i.Readings, i.Data).Scan(&i.ID)
	})
	return i, wrapOurs("add import", err)
}

// Imports are a site's imports that were stored or begun, the latest first,
// without Data and Replaced.
func (s *Store) Imports(ctx context.Context, site uint32) ([]Import, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, site_id, kind, name, created, done, undone, readings, NULL, NULL FROM imports
		WHERE site_id = ? AND replaced IS NOT NULL ORDER BY id DESC`, site)
	list, err := collect(rows, err, scanImport)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return list, nil
}

// ImportByID finds a site's import.
func (s *Store) ImportByID(ctx context.Context, site uint32, id int64) (Import, error) {
	return scanImport(s.db.QueryRowContext(ctx, `SELECT id, site_id, kind, name, created, done, undone, readings, data, replaced FROM imports
		WHERE id = ? AND site_id = ?`, id, site))
}

// PlanImport notes what an import is about to store and replace. Only the
// first plan counts.
func (s *Store) PlanImport(ctx context.Context, i Import) error {
	return wrapOurs("plan import", one(s.db.ExecContext(ctx, "UPDATE imports SET data = ?, replaced = ?, readings = ? WHERE id = ? AND site_id = ? AND replaced IS NULL",
		i.Data, i.Replaced, i.Readings, i.ID, i.Site)))
}

// FinishImport notes that all of an import is stored.
func (s *Store) FinishImport(ctx context.Context, site uint32, id int64) error {
	return wrapOurs("finish import", one(s.db.ExecContext(ctx, "UPDATE imports SET done = ?, data = NULL WHERE id = ? AND site_id = ?",
		toMillis(s.now()), id, site)))
}

// UndoneImport notes that an import is taken back.
func (s *Store) UndoneImport(ctx context.Context, site uint32, id int64) error {
	return wrapOurs("undo import", one(s.db.ExecContext(ctx, "UPDATE imports SET undone = ?, data = NULL WHERE id = ? AND site_id = ?",
		toMillis(s.now()), id, site)))
}

// ImportFile is a file that was looked at and left a question open.
type ImportFile struct {
	ID   int64
	Site uint32
	Name string
	Data []byte // as the importer packs it
}

// KeepImportFile keeps a file for a day, and forgets those that are older, and
// of a site all but the last few.
func (s *Store) KeepImportFile(ctx context.Context, f ImportFile) (id int64, err error) {
	now := s.now()
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM import_files WHERE created < ?", toMillis(now.Add(-previewLife))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM import_files WHERE site_id = ?1 AND id NOT IN
			(SELECT id FROM import_files WHERE site_id = ?1 ORDER BY id DESC LIMIT ?2)`, f.Site, keptOfSite-1)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, "INSERT INTO import_files (site_id, name, created, data) VALUES (?, ?, ?, ?) RETURNING id",
			f.Site, f.Name, toMillis(now), f.Data).Scan(&id)
	})
	return id, wrapOurs("keep file", err)
}

// ImportFileByID finds a site's file; ErrNotFound once its day is over.
func (s *Store) ImportFileByID(ctx context.Context, site uint32, id int64) (ImportFile, error) {
	f := ImportFile{ID: id, Site: site}
	err := s.db.QueryRowContext(ctx, "SELECT name, data FROM import_files WHERE id = ? AND site_id = ? AND created >= ?", id, site, toMillis(s.now().Add(-previewLife))).Scan(&f.Name, &f.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return f, ErrNotFound
	}
	return f, wrapOurs("read file", err)
}

func scanImport(row scanner) (Import, error) {
	var i Import
	var created, done, undone int64
	err := row.Scan(&i.ID, &i.Site, &i.Kind, &i.Name, &created, &done, &undone, &i.Readings, &i.Data, &i.Replaced)
	if errors.Is(err, sql.ErrNoRows) {
		return i, ErrNotFound
	}
	i.Created, i.Done, i.Undone = fromMillis(created), fromMillis(done), fromMillis(undone)
	return i, err
}
