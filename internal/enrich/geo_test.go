package enrich

import (
	"encoding/binary"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCountry(t *testing.T) {
	e := newWithGeo(t)
	for addr, want := range map[string]string{
		"8.8.8.8":              "US",
		"::ffff:8.8.8.8":       "US", // a v4 address in v6 clothes
		"193.0.6.139":          "NL",
		"2001:67c:2e8:22::c1":  "", // checked below: some country, whichever
		"10.1.2.3":             "",
		"192.168.0.1":          "",
		"127.0.0.1":            "",
		"::1":                  "",
		"fe80::1%eth0":         "",
		"fd00::1":              "",
		"0.0.0.0":              "",
		"224.0.0.1":            "",
		"255.255.255.255":      "",
		"2001:db8::1":          "",
		"203.0.113.1":          "",
		"169.254.169.254":      "",
		"::ffff:192.168.1.200": "",
	} {
		got, ok := e.Country(netip.MustParseAddr(addr))
		if addr == "2001:67c:2e8:22::c1" {
			if len(got) != 2 || !ok {
				t.Errorf("%s: %q", addr, got)
			}
			continue
		}
		if got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", addr, got, ok, want)
		}
	}
	if _, ok := e.Country(netip.Addr{}); ok {
		t.Error("the zero address has a country")
	}
	if g := e.Geo(); g.CreditURL != "https://db-ip.com" || g.Path != mmdb || g.Built.IsZero() || g.Reason != "" {
		t.Errorf("Geo() = %+v", g)
	}
}

func TestCountryOfZone(t *testing.T) {
	e := newEnricher(t, Options{})
	for zone, want := range map[string]string{
		"Europe/Paris": "FR", "europe/paris": "FR", "America/New_York": "US", "Asia/Calcutta": "IN", "Asia/Kolkata": "IN",
		"Europe/Kiev": "UA", "Europe/Oslo": "NO", "Atlantic/Reykjavik": "IS", "Africa/Ouagadougou": "BF", "America/Buenos_Aires": "AR",
		"Asia/Saigon": "VN", "US/Pacific": "US", "UTC": "", "Etc/GMT+5": "", "": "", "Mars/Olympus": "", "Europe/Paris\n": "",
	} {
		got, ok := e.CountryOfZone(zone)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", zone, got, ok, want)
		}
	}
	if n := len(e.geo.zones); n < 500 {
		t.Errorf("only %d zones", n)
	}
}

func TestGeoIPIsOptional(t *testing.T) {
	t.Chdir(t.TempDir())
	e := newEnricher(t, Options{DataDir: "."})
	if g := e.Geo(); g.Path != "" || g.Reason == "" {
		t.Errorf("Geo() = %+v, want a reason", g)
	}
	if c, ok := e.Country(netip.MustParseAddr("8.8.8.8")); ok {
		t.Errorf("got %q from nowhere", c)
	}
	p, err := e.Page(Hit{URL: "https://a.example/", UserAgent: chrome, Addr: netip.MustParseAddr("8.8.8.8"), TimeZone: "Europe/Paris"})
	if err != nil || p.Country != "FR" {
		t.Errorf("the time zone is not asked: %q, %v", p.Country, err)
	}
}

func TestGeoIPErrorsNameTheFile(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.mmdb")
	if err := os.WriteFile(bad, []byte("not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{bad, filepath.Join(t.TempDir(), "gone.mmdb")} {
		if _, err := New(Options{GeoIP: path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// The operator's own database in MaxMind's layout, the newest by name.
func TestGeoIPFromDataDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "geoip"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{"GeoLite2-City-2026-10.mmdb": "XX", "GeoLite2-City-2026-11.mmdb": "nz"} {
		if err := os.WriteFile(filepath.Join(dir, "geoip", name), cityMMDB(code), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := newEnricher(t, Options{DataDir: dir})
	if g := e.Geo(); g.Type != "GeoLite2-City" || !strings.Contains(g.Path, "2026-11") || !strings.Contains(g.Credit, "MaxMind") {
		t.Errorf("Geo() = %+v", g)
	}
	if c, ok := e.Country(netip.MustParseAddr("1.1.1.1")); c != "NZ" || !ok {
		t.Errorf("got %q, %v, want NZ", c, ok)
	}
	if c, ok := e.Country(netip.MustParseAddr("129.1.1.1")); ok {
		t.Errorf("got %q for an address that it lacks", c)
	}
}

// cityMMDB is a database of one node: the lower half of IPv4 is in a country,
// the upper half unknown. Format: MaxMind DB 2.0.
func cityMMDB(code string) []byte {
	str := func(s string) []byte { return append([]byte{2<<5 | byte(len(s))}, s...) }
	mapOf := func(pairs ...[]byte) []byte {
		out := []byte{7<<5 | byte(len(pairs)/2)}
		for _, p := range pairs {
			out = append(out, p...)
		}
		return out
	}
	num := func(kind byte, v uint32) []byte { return binary.BigEndian.AppendUint32([]byte{kind<<5 | 4}, v) }
	const nodes = 1
	tree := []byte{0, 0, nodes + 16, 0, 0, nodes} // left: data at offset 0; right: nothing
	data := mapOf(str("city"), mapOf(str("names"), mapOf(str("en"), str("Somewhere"))), str("country"), mapOf(str("iso_code"), str(code)))
	meta := mapOf(
		str("node_count"), num(6, nodes), str("record_size"), []byte{5<<5 | 1, 24}, str("ip_version"), []byte{5<<5 | 1, 4},
		str("database_type"), str("GeoLite2-City"), str("binary_format_major_version"), []byte{5<<5 | 1, 2},
		str("binary_format_minor_version"), []byte{5<<5 | 1, 0}, str("build_epoch"), num(6, 1700000000),
	)
	out := append(tree, make([]byte, 16)...)
	out = append(out, data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return append(out, meta...)
}
