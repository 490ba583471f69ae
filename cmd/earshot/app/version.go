package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"text/tabwriter"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// version is set by the linker: -X …/app.version=v1.2.3.
var version string

// Version is the program's version: the release, or the commit that it was
// built from, or "dev".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "dev-" + s.Value[:12]
		}
	}
	return "dev"
}

type versionCmd struct{}

func (versionCmd) Help() string {
	return "Example:\n  earshot version\n\nAsks a ClickHouse that runs, and starts none."
}

func (c *versionCmd) Run(s *session) error {
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "earshot\t%s\t%s, %s/%s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(w, "meta schema\t%s\tprogram's: %d\n", s.metaSchema(), meta.SchemaVersion())
	schema, server := s.clickHouseVersions()
	fmt.Fprintf(w, "clickhouse schema\t%s\tprogram's: %d\n", schema, clickhouse.NewestSchema())
	fmt.Fprintf(w, "clickhouse\t%s\n", server)
	return w.Flush()
}

// metaSchema is the meta store's schema version. It doesn't create a missing
// store: printing the version must change nothing.
func (s *session) metaSchema() string {
	if _, err := os.Stat(filepath.Join(s.Data, meta.FileName)); errors.Is(err, fs.ErrNotExist) {
		return "none yet"
	}
	text := ""
	err := s.withMeta(func(m *meta.Store) error {
		v, err := m.SchemaVersion(s.ctx)
		text = fmt.Sprint(v)
		return err
	})
	if err != nil {
		return err.Error()
	}
	return text
}

func (s *session) clickHouseVersions() (schema, server string) {
	dsn, where := s.ClickHouseDSN, "server"
	if dsn == "" {
		running, ok := embedded.Running(s.Data)
		if !ok {
			return "unknown", "embedded, not running"
		}
		dsn, where = running, "embedded, running"
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	db, err := clickhouse.Open(ctx, clickhouse.Options{DSN: dsn})
	if err != nil {
		return "unknown", err.Error()
	}
	defer db.Close()
	if v, err := db.SchemaVersion(ctx); err != nil {
		schema = err.Error()
	} else {
		schema = fmt.Sprint(v)
	}
	v, err := db.ServerVersion(ctx)
	if err != nil {
		return schema, err.Error()
	}
	return schema, v + " (" + where + ")"
}
