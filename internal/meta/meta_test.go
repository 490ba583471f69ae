package meta

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/migration"
)

var _ scs.CtxStore = Sessions{}

func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "a folder", FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func addSite(t testing.TB, s *Store, domain string) Site {
	t.Helper()
	site, err := s.AddSite(t.Context(), NewSite(domain))
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func wantInvalid(t testing.TB, err error, field, reason string) {
	t.Helper()
	var inv *InvalidError
	if !errors.As(err, &inv) || inv.Field != field || inv.Reason != reason {
		t.Fatalf("got error %v, want %s/%s", err, field, reason)
	}
}

func TestNormalizeDomain(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "example.com", "example.com"},
		{"case and www", " WWW.Example.COM ", "example.com"},
		{"closing dot", "example.com.", "example.com"},
		{"pasted address", "https://www.example.com/", "example.com"},
		{"www is the domain", "www.com", "www.com"},
		{"subdomain", "blog.example.co.uk", "blog.example.co.uk"},
		{"umlaut", "Bücher.example", "xn--bcher-kva.example"},
		{"punycode", "xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"localhost", "localhost", "localhost"},
		{"address", "127.0.0.1", "127.0.0.1"},
		{"empty", "  ", ""},
		{"single label", "intranet", ""},
		{"a page of ours", "login", ""},
		{"path", "example.com/blog", ""},
		{"port", "example.com:8080", ""},
		{"user", "a@example.com", ""},
		{"markup", "<script>.com", ""},
		{"blank inside", "exam ple.com", ""},
		{"empty label", "a..com", ""},
		{"hyphen", "-a.com", ""},
		{"underscore", "a_b.com", ""},
		{"long label", strings.Repeat("a", 64) + ".com", ""},
		{"long", strings.Repeat("abcdefghi.", 26) + "com", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := NormalizeDomain(tt.in)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("NormalizeDomain(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
			}
		})
	}
	if got := DisplayDomain("xn--bcher-kva.example"); got != "bücher.example" {
		t.Errorf("DisplayDomain = %q", got)
	}
}

func FuzzNormalizeDomain(f *testing.F) {
	for _, s := range []string{"example.com", "https://www.x.y/", "Bücher.example", "www.www.com", "a.b:80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := NormalizeDomain(in)
		if err != nil {
			return
		}
		if again, err := NormalizeDomain(d); err != nil || again != d && "www."+again != d {
			t.Errorf("%q became %q, which became %q, %v", in, d, again, err)
		}
	})
}

func TestSites(t *testing.T) {
	s, ctx := open(t), t.Context()
	a := addSite(t, s, "https://www.Example.com")
	want := Site{ID: a.ID, Domain: "example.com", Name: "example.com", Timezone: "UTC", ShareParam: "es", SearchParams: []string{"s"}, RespectOptOut: true, Created: a.Created}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Fatal(diff)
	}
	_, err := s.AddSite(ctx, NewSite("EXAMPLE.com"))
	wantInvalid(t, err, "domain", ReasonTaken)

	b := NewSite("b.example")
	b.Timezone, b.Name, b.ShareParam, b.RespectOptOut, b.HashMode, b.Demo = "Europe/Paris", "A\x00 blog\n", "via", false, true, true
	b.PageParams, b.SearchParams = ParamList("?page_id=, p;p"), nil
	b.Sharing = Sharing{Bars: true, Fragment: true, AddressBar: true, Copies: CopyOff, Networks: "X;mastodon,  wa"}
	if b, err = s.AddSite(ctx, b); err != nil {
		t.Fatal(err)
	}
	got, err := s.Sites(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Site{b, a}, got); diff != "" || Params(b.PageParams) != "p, page_id" || b.Name != "A blog" || b.Sharing.Networks != "x, mastodon, wa" || b.Location().String() != "Europe/Paris" {
		t.Fatal(diff, b)
	}

	for name, change := range map[string]func(*Site){
		"domain/taken":          func(s *Site) { s.Domain = "b.example" },
		"domain/format":         func(s *Site) { s.Domain = "nonsense" },
		"timezone/unknown":      func(s *Site) { s.Timezone = "Mars/Olympus" },
		"share_param/format":    func(s *Site) { s.ShareParam = "a&b" },
		"page_params/format":    func(s *Site) { s.PageParams = []string{"a&b"} },
		"page_params/long":      func(s *Site) { s.PageParams = ParamList("a b c d e f g h i j k l m n o p q r t u v") },
		"page_params/taken":     func(s *Site) { s.PageParams = []string{"es"} },
		"search_params/taken":   func(s *Site) { s.SearchParams = []string{"utm_term"} },
		"share_copy/unknown":    func(s *Site) { s.Sharing.Copies = "maybe" },
		"share_networks/format": func(s *Site) { s.Sharing.Networks = `x" onload="` },
		"share_networks/long":   func(s *Site) { s.Sharing.Networks = strings.Repeat("mastodon ", 30) },
		"name/long":             func(s *Site) { s.Name = strings.Repeat("é", 101) },
	} {
		t.Run(name, func(t *testing.T) {
			site := a
			change(&site)
			field, reason, _ := strings.Cut(name, "/")
			wantInvalid(t, s.UpdateSite(ctx, site), field, reason)
		})
	}

	a.PageParams = []string{"p", "s"}
	wantInvalid(t, s.UpdateSite(ctx, a), "page_params", ReasonTaken)
	a.PageParams = ParamList("a b c d e f g h i j k l m n o p q r t u")
	if err := s.UpdateSite(ctx, a); err != nil {
		t.Errorf("20 parameters: %v", err)
	}
	v1, _ := s.SitesVersion(ctx)
	a.Domain, a.Name = "moved.example", "Moved"
	if err := s.UpdateSite(ctx, a); err != nil {
		t.Fatal(err)
	}
	if v2, _ := s.SitesVersion(ctx); v2 == v1 {
		t.Error("a change of a site doesn't show in SitesVersion")
	}
	if got, err := s.SiteByDomain(ctx, "www.moved.example"); err != nil || got.ID != a.ID {
		t.Errorf("by new domain: %v, %v", got, err)
	}
	if _, err := s.SiteByDomain(ctx, "example.com"); err != ErrNotFound {
		t.Errorf("by old domain: %v", err)
	}
	if _, err := s.SiteByDomain(ctx, "no such/thing"); err != ErrNotFound {
		t.Errorf("by nonsense: %v", err)
	}

	if err := s.RemoveSite(ctx, b.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveSite(ctx, b.ID); err != ErrNotFound {
		t.Errorf("removed twice: %v", err)
	}
	if c := addSite(t, s, "c.example"); c.ID <= b.ID {
		t.Errorf("the ID of a removed site came back: its events would be the new site's")
	}
}

func TestSalts(t *testing.T) {
	s, ctx := open(t), t.Context()
	day1 := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
	one, none, err := s.Salts(ctx, day1)
	if err != nil || len(one) != 16 || none != nil {
		t.Fatal(one, none, err)
	}
	if again, _, _ := s.Salts(ctx, day1.Add(-23*time.Hour)); !bytes.Equal(one, again) {
		t.Error("the salt changed within its day")
	}
	two, before, err := s.Salts(ctx, day1.Add(time.Second))
	if err != nil || bytes.Equal(one, two) || !bytes.Equal(before, one) {
		t.Errorf("next day: %x before %x, %v", two, before, err)
	}
	if _, before, _ = s.Salts(ctx, day1.Add(24*time.Hour+time.Second)); !bytes.Equal(before, two) {
		t.Error("the day after: wrong salt before")
	}
	files, _ := filepath.Glob(s.path + "*")
	for _, f := range files {
		if bytes.Contains(must(os.ReadFile(f)), one) {
			t.Errorf("%s still holds a salt older than 48 hours", f)
		}
	}
	if _, before, _ = s.Salts(ctx, day1.Add(100*24*time.Hour)); before != nil {
		t.Error("after a long pause there is a salt before")
	}
}

func TestSessions(t *testing.T) {
	s, ctx := open(t), t.Context()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	v := s.Sessions()
	if err := v.CommitCtx(ctx, "tok", []byte("data"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := v.CommitCtx(ctx, "tok", []byte("more"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if b, ok, err := v.FindCtx(ctx, "tok"); string(b) != "more" || !ok || err != nil {
		t.Error(b, ok, err)
	}
	now = now.Add(time.Hour)
	if _, ok, err := v.FindCtx(ctx, "tok"); ok || err != nil {
		t.Error("an ended session is found", err)
	}
	if err := v.Commit("other", []byte("x"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := v.Delete("other"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := s.db.QueryRow("SELECT count(*) FROM sessions").Scan(&n); n != 0 || err != nil {
		t.Errorf("%d sessions are left, %v", n, err)
	}
}

func TestBackupLeavesShortLivedSecretsOut(t *testing.T) {
	s, ctx := open(t), t.Context()
	addSite(t, s, "a.example")
	salt, _, err := s.Salts(ctx, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sessions().Commit("tok", []byte("session data"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if b := must(os.ReadFile(path)); bytes.Contains(b, salt) || bytes.Contains(b, []byte("session data")) {
		t.Error("the copy holds a salt or a session")
	}
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if site, err := c.SiteByDomain(ctx, "a.example"); err != nil {
		t.Error(site, err)
	}
	if err := s.Backup(ctx, path); err == nil {
		t.Error("a backup wrote over a file")
	}
}

func TestSeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	var wg sync.WaitGroup
	for i := range 8 { // each Store has connections of its own, as a process has
		wg.Go(func() {
			s, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for j := range 10 {
				if _, err := s.AddSite(t.Context(), NewSite(fmt.Sprintf("s%d-%d.example", i, j))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if sites, err := s.Sites(t.Context()); len(sites) != 80 || err != nil {
		t.Error(len(sites), err)
	}
}

func TestMigrateRefuses(t *testing.T) {
	for _, tt := range []struct{ name, change, want string }{
		{"a newer file", "INSERT INTO schema_migrations VALUES (9999, 'future', '', 0)", "use the newer Earshot"},
		{"another start", "UPDATE schema_migrations SET checksum = 'x' WHERE version = 1", "before the first release"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			if v, err := s.SchemaVersion(t.Context()); v != SchemaVersion() || v == 0 || err != nil {
				t.Fatal(v, err)
			}
			if err := Fits(t.Context(), s.path); err != nil {
				t.Error(err)
			}
			if _, err := s.db.Exec(tt.change); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			_, opened := Open(s.path)
			for what, err := range map[string]error{"Open": opened, "Fits": Fits(t.Context(), s.path)} {
				if !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), s.path) {
					t.Errorf("%s: %v", what, err)
				}
			}
		})
	}
}

// A store that a build of before the first release made stays as it is, and
// whoever has it is told how to go on.
func TestAnEarlierBuildsStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;
		INSERT INTO schema_migrations VALUES (1, '0001_start', 'a4d1', 0), (4, '0004_sharing', 'b7c2', 0), (330, '0330_accounts_versions', 'c9e3', 0);
		CREATE TABLE sites (id INTEGER PRIMARY KEY AUTOINCREMENT, domain TEXT NOT NULL UNIQUE) STRICT; INSERT INTO sites (domain) VALUES ('example.com')`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), "`earshot export` with that build") {
		t.Errorf("Open: %v", err)
	}
	var domain string
	var tables int
	err = db.QueryRow("SELECT (SELECT domain FROM sites), (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%')").Scan(&domain, &tables)
	if domain != "example.com" || tables != 2 || err != nil {
		t.Error(domain, tables, err)
	}
}

// A migration that fails half-way has changed nothing, and the next start goes
// on from there.
func TestMigrateAfterAFailure(t *testing.T) {
	s := open(t)
	text := "CREATE TABLE more (x INTEGER) STRICT;\n"
	more := func(end string) fstest.MapFS {
		t.Helper()
		start, err := migrationFiles.ReadFile("migrations/0001_start.sql")
		if err != nil {
			t.Fatal(err)
		}
		return fstest.MapFS{"migrations/0001_start.sql": {Data: start}, "migrations/9000_more.sql": {Data: []byte(text + end)}}
	}
	if err := s.migrate(t.Context(), more("CREATE TABLE sites (y INTEGER);")); err == nil || !strings.Contains(err.Error(), "9000_more") {
		t.Fatalf("a statement that fails was taken: %v", err)
	}
	if v, err := s.SchemaVersion(t.Context()); v != SchemaVersion() || err != nil {
		t.Error(v, err)
	}
	for range 2 {
		if err := s.migrate(t.Context(), more("")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(s.path); err == nil || !strings.Contains(err.Error(), "9000") {
		t.Errorf("a newer program's store: %v", err)
	}
	text = "CREATE TABLE more (x TEXT) STRICT;\n"
	if err := s.migrate(t.Context(), more("")); !errors.Is(err, migration.ErrSchema) || !strings.Contains(err.Error(), "is another than") {
		t.Errorf("a changed migration: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
