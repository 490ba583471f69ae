package meta

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Study is a study that a site's users imported.
type Study struct {
	ID       int64
	Name     string
	CSV      []byte // in the form of internal/study
	Figures  int    // rows of CSV
	Imported time.Time
}

// Studies are a site's, by name.
func (s *Store) Studies(ctx context.Context, site uint32) ([]Study, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, name, csv, figures, imported FROM studies WHERE site_id = ? ORDER BY name", site)
	list, err := collect(rows, err, func(row scanner) (Study, error) {
		var st Study
		var at int64
		err := row.Scan(&st.ID, &st.Name, &st.CSV, &st.Figures, &at)
		st.Imported = fromMillis(at)
		return st, err
	})
	if err != nil {
		return nil, fmt.Errorf("list studies: %w", err)
	}
	return list, nil
}

// SaveStudies stores studies of a site, all or none. One of the same name is
// replaced, so the same file again changes nothing.
func (s *Store) SaveStudies(ctx context.Context, site uint32, studies []Study) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, st := range studies {
			_, err := tx.ExecContext(ctx, `INSERT INTO studies (site_id, name, csv, figures, imported) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (site_id, name) DO UPDATE SET csv = excluded.csv, figures = excluded.figures, imported = excluded.imported`,
				site, st.Name, st.CSV, st.Figures, s.now().UnixMilli())
			if err != nil {
				return fmt.Errorf("save study %q: %w", st.Name, err)
			}
		}
		return nil
	})
}

// RemoveStudy removes a study of a site.
func (s *Store) RemoveStudy(ctx context.Context, site uint32, id int64) error {
	res, err := s.db.ExecContext(ctx, "DELETE FROM studies WHERE site_id = ? AND id = ?", site, id)
	if err != nil {
		return fmt.Errorf("remove study: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrNotFound
	}
	return nil
}
