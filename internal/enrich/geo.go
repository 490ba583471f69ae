package enrich

import (
	_ "embed"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

//go:embed data/zones.tsv
var zonesTSV string

// Geo describes the address database in use, for the pages that show
// countries (DB-IP's licence wants a link there) and for the log.
type Geo struct {
	Path   string    // "" where there is none
	Type   string    // as the file says: "DBIP-Country-Lite", "GeoLite2-City"
	Built  time.Time // zero where the file does not say
	Reason string    // why there is none, a sentence; "" where there is one

	// Credit and CreditURL name who wants to be named; "" where nobody does.
	Credit, CreditURL string
}

// geo finds countries by address and by time zone.
type geo struct {
	db    *maxminddb.Reader // nil: none
	info  Geo
	zones map[string]string // time zone → country
}

func newGeo(o Options) (*geo, error) {
	g := &geo{zones: map[string]string{}}
	for line := range strings.Lines(zonesTSV) {
		if name, country, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			g.zones[strings.ToLower(name)] = country
		}
	}
	path := o.GeoIP
	if path == "" {
		path = findMMDB(o.DataDir)
	}
	if path == "" {
		g.info.Reason = "No GeoIP database was found: countries come from the browser's time zone alone."
		return g, nil
	}
	db, err := maxminddb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open GeoIP database %s: %w", path, err)
	}
	g.db = db
	g.info.Path, g.info.Type = path, db.Metadata.DatabaseType
	if db.Metadata.BuildEpoch > 0 {
		g.info.Built = time.Unix(int64(db.Metadata.BuildEpoch), 0).UTC()
	}
	switch t := strings.ToLower(g.info.Type + " " + filepath.Base(path)); {
	case strings.Contains(t, "dbip"), strings.Contains(t, "db-ip"):
		g.info.Credit, g.info.CreditURL = "IP Geolocation by DB-IP", "https://db-ip.com"
	case strings.Contains(t, "geolite"):
		g.info.Credit, g.info.CreditURL = "GeoLite2 by MaxMind", "https://www.maxmind.com"
	}
	return g, nil
}

// findMMDB looks where an operator or npm puts a database: <data>/geoip, then
// node_modules below the working folder, the program's and the one above it.
// Of several in one folder the last by name is taken: with dates in names the
// newest.
func findMMDB(dataDir string) string {
	var globs []string
	if dataDir != "" {
		globs = append(globs, filepath.Join(dataDir, "geoip", "*.mmdb"))
	}
	roots := []string{"."}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		roots = append(roots, filepath.Dir(exe), filepath.Dir(filepath.Dir(exe)))
	}
	for _, r := range roots {
		dir := filepath.Join(r, "node_modules", "@ip-location-db", "dbip-country-mmdb")
		// The package also has an edition a protocol version; this one has both.
		globs = append(globs, filepath.Join(dir, "dbip-country.mmdb"), filepath.Join(dir, "*.mmdb"))
	}
	for _, glob := range globs {
		if found, err := filepath.Glob(glob); err == nil && len(found) > 0 {
			return slices.Max(found)
		}
	}
	return ""
}

// Geo tells which address database is in use, or why none is.
func (e *Enricher) Geo() Geo { return e.geo.info }

// Country finds the ISO 3166-1 alpha-2 code of an address's country. False
// for private and unknown addresses, and where there is no database.
func (e *Enricher) Country(addr netip.Addr) (iso2 string, ok bool) {
	g := e.geo
	addr = addr.Unmap()
	if g.db == nil || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return "", false
	}
	r := g.db.Lookup(addr.WithZone(""))
	var rec struct {
		Code    string `maxminddb:"country_code"` // DB-IP as npm delivers it
		Country struct {
			Code string `maxminddb:"iso_code"` // MaxMind's layout, which most follow
		} `maxminddb:"country"`
	}
	if err := r.Decode(&rec); err != nil {
		return "", false
	}
	if rec.Code == "" {
		rec.Code = rec.Country.Code
	}
	return strings.ToUpper(rec.Code), len(rec.Code) == 2
}

// CountryOfZone finds the country of an IANA time zone, as a browser names it:
// "Europe/Paris" is FR. False for zones of no country, "UTC" among them.
func (e *Enricher) CountryOfZone(name string) (iso2 string, ok bool) {
	if len(name) > 64 {
		return "", false
	}
	iso2, ok = e.geo.zones[asciiLower(name)]
	return iso2, ok
}
