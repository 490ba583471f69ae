package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crypto/rand"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// A backup is a folder:
//
//	backup.json   what it is (manifest); written last, so a folder without
//	              it is no backup
//	earshot.db    the meta store without salts, sessions and set-up links
//	secret.key    opens the accounts' secrets in it
//	clickhouse/   the database, as ClickHouse's BACKUP wrote it; missing
//	              if it is on a ClickHouse server of the user's
const (
	manifestFile     = "backup.json"
	clickHouseFolder = "clickhouse"
)

type manifest struct {
	Program          string    `json:"program"`
	Created          time.Time `json:"created"`
	Database         string    `json:"database,omitempty"` // empty: without ClickHouse
	MetaSchema       int       `json:"meta_schema"`
	ClickHouseSchema int       `json:"clickhouse_schema,omitempty"`
}

type backupCmd struct {
	Folder   string `arg:"" help:"Folder to make; it must not exist."`
	MetaOnly bool   `help:"Copy sites, users, tokens and accounts, without what was measured."`
}

func (backupCmd) Help() string {
	return "Example:\n  earshot backup backups/monday\n\n" +
		"Events that the server took in the last second may be missing. The folder opens your accounts: keep it to yourself. " +
		"Where EARSHOT_CLICKHOUSE_DSN names a server, back that up by its own means and use --meta-only here."
}

func (c *backupCmd) Run(s *session) (err error) {
	if s.ClickHouseDSN != "" && !c.MetaOnly {
		return errors.New("a ClickHouse server is backed up by its own means (its BACKUP statement): add --meta-only to copy the rest")
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(c.Folder)), 0o700); err != nil {
		return fmt.Errorf("make backup folder: %w", err)
	}
	if err := os.Mkdir(c.Folder, 0o700); err != nil {
		return fmt.Errorf("make backup folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(c.Folder)) // leave no incomplete backup
		}
	}()
	m := manifest{Program: Version(), Created: time.Now().UTC().Truncate(time.Second), MetaSchema: meta.SchemaVersion()}
	if !c.MetaOnly {
		if err := s.withClickHouse(func(db *store) error { return backupClickHouse(s.ctx, db, s.Data, c.Folder, &m) }); err != nil {
			return err
		}
	}
	err = s.withMeta(func(st *meta.Store) error { return st.Backup(s.ctx, filepath.Join(c.Folder, meta.FileName)) })
	if err != nil {
		return err
	}
	key := filepath.Join(s.Data, meta.KeyFileName)
	if err := copyFile(key, filepath.Join(c.Folder, meta.KeyFileName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copy key: %w", err)
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Folder, manifestFile), append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("finish backup: %w", err)
	}
	fmt.Fprintf(s.Out, "Backed up to %s.\n", c.Folder)
	return nil
}

// backupClickHouse has the engine write the backup to the only folder where it
// may, and moves it from there.
func backupClickHouse(ctx context.Context, db *store, data, folder string, m *manifest) error {
	name := tempName("backup")
	if err := db.Backup(ctx, name); err != nil {
		return err
	}
	made := filepath.Join(data, "backups", name)
	defer os.RemoveAll(made)
	v, err := db.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	m.Database, m.ClickHouseSchema = db.Database(), v
	target := filepath.Join(folder, clickHouseFolder)
	if os.Rename(made, target) == nil {
		return nil
	}
	if err := copyTree(ctx, made, target); err != nil { // rename fails across file systems
		return fmt.Errorf("copy the database: %w", err)
	}
	return nil
}

type restoreCmd struct {
	Folder string `arg:"" help:"Folder that earshot backup made." type:"existingdir"`
}

func (restoreCmd) Help() string {
	return "Example:\n  earshot restore backups/monday --data new-data\n\nThe data folder must be empty or not there, and no server may run on it."
}

func (c *restoreCmd) Run(s *session) (err error) {
	b, err := os.ReadFile(filepath.Join(c.Folder, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no backup, or one that was never finished: it has no %s", c.Folder, manifestFile)
	}
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("read backup: %s: %w", manifestFile, err)
	}
	// Ask the store itself: the schema's numbers were restarted once, so an
	// earlier build's number may be higher than this one's.
	if err := meta.Fits(s.ctx, filepath.Join(c.Folder, meta.FileName)); err != nil {
		return err
	}
	if m.ClickHouseSchema > clickhouse.NewestSchema() {
		return fmt.Errorf("the backup was made by a newer program (%s): use that one", m.Program)
	}
	if entries, err := os.ReadDir(s.Data); err == nil && len(entries) > 0 {
		return fmt.Errorf("the data folder %s is not empty: name another with --data", s.Data)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read data folder: %w", err)
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if m.Database != "" && s.ClickHouseDSN == "" {
		if err := s.restoreClickHouse(filepath.Join(c.Folder, clickHouseFolder), m.Database); err != nil {
			return err
		}
	}
	for _, name := range []string{meta.KeyFileName, meta.FileName} { // the store last: it makes the folder a data folder
		if err := copyFile(filepath.Join(c.Folder, name), filepath.Join(s.Data, name)); err != nil && !(name == meta.KeyFileName && errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if err := s.withMeta(func(*meta.Store) error { return nil }); err != nil { // migrates an older schema
		return err
	}
	fmt.Fprintf(s.Out, "Restored the backup of %s into %s.\n", m.Created.Format(time.DateTime), s.Data)
	return nil
}

func (s *session) restoreClickHouse(from, database string) error {
	engine := embedded.New(embedded.Options{DataDir: s.Data, Library: s.LibCHDB, Log: s.log})
	if err := engine.Start(s.ctx); err != nil {
		return err
	}
	defer engine.Stop()
	name := tempName("restore")
	copied := filepath.Join(s.Data, "backups", name)
	defer os.RemoveAll(copied)
	if err := copyTree(s.ctx, from, copied); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	db, err := clickhouse.Open(s.ctx, clickhouse.Options{DSN: engine.DSN(), Dial: engine.Dial})
	if err != nil {
		return err
	}
	err = db.Restore(s.ctx, name, database)
	if err == nil {
		err = db.Migrate(s.ctx)
	}
	return errors.Join(err, db.Close())
}

func tempName(what string) string { return what + "-" + strings.ToLower(rand.Text()) }

// copyTree copies a folder of plain files; only the owner may read the copies.
func copyTree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		return copyFile(path, filepath.Join(to, rel))
	})
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}
