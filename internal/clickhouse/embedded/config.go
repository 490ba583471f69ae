package embedded

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"text/template"
)

// The templates are ClickHouse's own configuration files; every value goes
// through xml escaping. users.xml keeps a hash of the password only.
var (
	//go:embed config.xml.tmpl
	configText string
	//go:embed users.xml.tmpl
	usersText string
)

// bootSQL is what the library's session runs before it goes to sleep on its
// terminal. A `clickhouse server` listens unasked.
const bootSQL = "SYSTEM START LISTEN TCP;\n"

func configPath(d dirs) string { return filepath.Join(d.run, "config.xml") }
func bootPath(d dirs) string   { return filepath.Join(d.run, "boot.sql") }

type configValues struct {
	Store, Log, Backups, Host, Port, PasswordSHA256, User string
	ServerMemory, QueryMemory, SpillMemory, JoinMemory    int64
	Session                                               bool // the library's own
}

// writeConfig writes config.xml, users.xml and boot.sql to the run folder.
func writeConfig(d dirs, r *runner, addr, password string, memory int64) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("engine address: %w", err)
	}
	sum := sha256.Sum256([]byte(password))
	v := configValues{
		Store: d.store, Log: d.log, Backups: d.backups, Host: host, Port: port,
		User: User, PasswordSHA256: hex.EncodeToString(sum[:]),
		ServerMemory: memory, QueryMemory: memory * queryPercent / 100, SpillMemory: memory / 5, JoinMemory: memory / 10,
		Session: !r.server,
	}
	for name, text := range map[string]string{"config.xml": configText, "users.xml": usersText} {
		b, err := render(name, text, v)
		if err != nil {
			return err
		}
		if err := writeFile(filepath.Join(d.run, name), b); err != nil {
			return err
		}
	}
	return writeFile(bootPath(d), []byte(bootSQL))
}

func render(name, text string, v configValues) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"x": escapeXML}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", name, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, v); err != nil {
		return nil, fmt.Errorf("fill template %s: %w", name, err)
	}
	return []byte(b.String()), nil
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// freeAddr asks the system for a loopback port that nobody uses.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func portFree(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	l.Close()
	return true
}
