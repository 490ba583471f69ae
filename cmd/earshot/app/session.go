package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/earshot-analytics/earshot/internal/meta"
)

// IO is where the program reads and writes. A command's result goes to Out,
// everything else to Err.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// Settings hold for every command.
type Settings struct {
	Data          string `help:"Folder for everything that Earshot keeps." env:"EARSHOT_DATA" default:"data" placeholder:"DIR"`
	ClickHouseDSN string `name:"clickhouse-dsn" help:"ClickHouse server, as clickhouse://user:password@host:9000/database; empty runs the embedded one." env:"EARSHOT_CLICKHOUSE_DSN" placeholder:"URL"`
	LibCHDB       string `name:"libchdb" help:"Path of libchdb.so, the embedded ClickHouse; empty looks in the usual places." env:"EARSHOT_LIBCHDB" placeholder:"FILE"`
	LogLevel      string `help:"What to log: debug, info, warn or error." env:"EARSHOT_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL"`
	LogFormat     string `help:"How to log: text or json." env:"EARSHOT_LOG_FORMAT" default:"text" enum:"text,json" placeholder:"FORMAT"`
}

// session is what every command needs.
type session struct {
	IO
	Settings
	ctx context.Context
	log *slog.Logger
}

// openMeta opens the data folder's meta store, for the caller to close.
func (s *session) openMeta() (*meta.Store, error) {
	return meta.Open(filepath.Join(s.Data, meta.FileName))
}

// withMeta runs f with the meta store.
func (s *session) withMeta(f func(*meta.Store) error) error {
	m, err := s.openMeta()
	if err != nil {
		return err
	}
	return errors.Join(f(m), m.Close())
}

// withSite runs f with the meta store and the site of that domain.
func (s *session) withSite(domain string, f func(*meta.Store, meta.Site) error) error {
	return s.withMeta(func(m *meta.Store) error {
		site, err := findSite(s.ctx, m, domain)
		if err != nil {
			return err
		}
		return f(m, site)
	})
}

func findSite(ctx context.Context, m *meta.Store, domain string) (meta.Site, error) {
	site, err := m.SiteByDomain(ctx, domain)
	if errors.Is(err, meta.ErrNotFound) {
		return site, fmt.Errorf("there is no site %s: add it with: earshot site add %s", domain, domain)
	}
	return site, err
}

// open opens a file to read, "-" being In.
func (s *session) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(s.In), nil
	}
	return os.Open(path)
}

// errNoSecret says that neither the file nor the variable is given.
var errNoSecret = errors.New("no password is given")

// secret returns a function that reads a secret: from the file's only line, if a
// file is named, or else from the environment. The variable is unset at once, so
// that child processes don't inherit it.
func (s *session) secret(file, variable string) func() (string, error) {
	text := os.Getenv(variable)
	_ = os.Unsetenv(variable)
	return func() (string, error) {
		switch {
		case file != "":
			return s.secretFrom(file)
		case text != "":
			return text, nil
		}
		return "", fmt.Errorf("%w: set %s, or %s_FILE to a file that has it", errNoSecret, variable, variable)
	}
}

// secretFrom reads a secret from a file of one line, "-" being In.
func (s *session) secretFrom(path string) (string, error) {
	in, err := s.open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, 64<<10))
	if err != nil {
		return "", fmt.Errorf("read secret: %w", err)
	}
	line, rest, _ := strings.Cut(string(b), "\n")
	if strings.TrimSpace(rest) != "" {
		return "", errors.New("the secret has more than one line")
	}
	return strings.TrimSuffix(line, "\r"), nil
}
