package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Site is a blog that is measured.
type Site struct {
	ID            uint32
	Domain        string   // normalised; see NormalizeDomain
	Name          string   // as shown; the domain unless set
	Timezone      string   // IANA name; days of the dashboards begin by it
	ShareParam    string   // URL parameter that carries a share ID
	RespectOptOut bool     // honour Global Privacy Control and Do-Not-Track
	HashMode      bool     // the fragment is part of the path
	PageParams    []string // parameters of the query that are part of the page, sorted
	SearchParams  []string // parameters of the query that hold a search's words, sorted
	Demo          bool     // readable by anyone
	Sharing       Sharing
	Created       time.Time
}

// DefaultShareParam is a new site's URL parameter for share IDs.
const DefaultShareParam = "es"

const maxSiteName = 100 // characters

// NewSite is a site with the defaults, for AddSite.
func NewSite(domain string) Site {
	return Site{Domain: domain, Timezone: "UTC", ShareParam: DefaultShareParam, SearchParams: []string{DefaultSearchParam}, RespectOptOut: true}
}

// Location is the site's time zone; UTC where this machine doesn't know it.
func (s Site) Location() *time.Location {
	if loc, err := time.LoadLocation(s.Timezone); err == nil {
		return loc
	}
	return time.UTC
}

const siteColumns = "id, domain, name, timezone, share_param, respect_opt_out, hash_mode, demo, created, share_bars, share_fragment, share_bar, share_copy, share_networks, page_params, search_params"

func scanSite(row scanner) (Site, error) {
	var s Site
	var created int64
	var params, search string
	err := row.Scan(&s.ID, &s.Domain, &s.Name, &s.Timezone, &s.ShareParam, &s.RespectOptOut, &s.HashMode, &s.Demo, &created,
		&s.Sharing.Bars, &s.Sharing.Fragment, &s.Sharing.AddressBar, &s.Sharing.Copies, &s.Sharing.Networks, &params, &search)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	s.Created = fromMillis(created)
	s.PageParams, s.SearchParams = ParamList(params), ParamList(search)
	return s, err
}

// Sites are all sites, by name.
func (s *Store) Sites(ctx context.Context) ([]Site, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+siteColumns+" FROM sites ORDER BY name COLLATE NOCASE, domain")
	sites, err := collect(rows, err, scanSite)
	if err != nil {
		return nil, fmt.Errorf("list sites: %w", err)
	}
	return sites, nil
}

// SitesVersion changes whenever a site is added, changed or removed, by any
// process.
func (s *Store) SitesVersion(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRowContext(ctx, "SELECT n FROM changes WHERE what = 'sites'").Scan(&n); err != nil {
		return 0, fmt.Errorf("read version of sites: %w", err)
	}
	return n, nil
}

// SiteByDomain finds a site by any form of its domain.
func (s *Store) SiteByDomain(ctx context.Context, domain string) (Site, error) {
	d, err := NormalizeDomain(domain)
	if err != nil {
		return Site{}, ErrNotFound
	}
	return s.site(ctx, "domain = ?", d)
}

// SiteByID finds a site by its identifier.
func (s *Store) SiteByID(ctx context.Context, id uint32) (Site, error) {
	return s.site(ctx, "id = ?", id)
}

func (s *Store) site(ctx context.Context, where string, arg any) (Site, error) {
	site, err := scanSite(s.db.QueryRowContext(ctx, "SELECT "+siteColumns+" FROM sites WHERE "+where, arg))
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("find site: %w", err)
	}
	return site, err
}

// AddSite adds a site (begin with NewSite) and gives it back with its ID.
// The ID of a removed site is never given again.
func (s *Store) AddSite(ctx context.Context, site Site) (Site, error) {
	if err := site.check(); err != nil {
		return Site{}, err
	}
	site.Created = s.now().UTC().Truncate(time.Millisecond)
	err := s.db.QueryRowContext(ctx, `INSERT INTO sites (domain, name, timezone, share_param, respect_opt_out, hash_mode, demo, created, share_bars, share_fragment, share_bar, share_copy, share_networks, page_params, search_params)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		site.Domain, site.Name, site.Timezone, site.ShareParam, site.RespectOptOut, site.HashMode, site.Demo, toMillis(site.Created),
		site.Sharing.Bars, site.Sharing.Fragment, site.Sharing.AddressBar, site.Sharing.Copies, site.Sharing.Networks, Params(site.PageParams), Params(site.SearchParams)).Scan(&site.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return Site{}, domainTaken(site.Domain)
	}
	if err != nil {
		return Site{}, fmt.Errorf("add site: %w", err)
	}
	return site, nil
}

// UpdateSite stores every field of site but Created, by its ID.
func (s *Store) UpdateSite(ctx context.Context, site Site) error {
	if err := site.check(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var other uint32
		err := tx.QueryRowContext(ctx, "SELECT id FROM sites WHERE domain = ? AND id != ?", site.Domain, site.ID).Scan(&other)
		if err == nil {
			return domainTaken(site.Domain)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("update site: %w", err)
		}
		return one(tx.ExecContext(ctx, `UPDATE sites SET domain = ?, name = ?, timezone = ?, share_param = ?, respect_opt_out = ?, hash_mode = ?, demo = ?,
			share_bars = ?, share_fragment = ?, share_bar = ?, share_copy = ?, share_networks = ?, page_params = ?, search_params = ? WHERE id = ?`,
			site.Domain, site.Name, site.Timezone, site.ShareParam, site.RespectOptOut, site.HashMode, site.Demo,
			site.Sharing.Bars, site.Sharing.Fragment, site.Sharing.AddressBar, site.Sharing.Copies, site.Sharing.Networks, Params(site.PageParams), Params(site.SearchParams), site.ID))
	})
}

// RemoveSite removes a site with its accounts and tokens. What ClickHouse
// holds of it is no longer reachable.
func (s *Store) RemoveSite(ctx context.Context, id uint32) error {
	return one(s.db.ExecContext(ctx, "DELETE FROM sites WHERE id = ?", id))
}

var shareParam = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,19}$`)

// check normalises the site's fields in place.
func (s *Site) check() error {
	d, err := NormalizeDomain(s.Domain)
	if err != nil {
		return err
	}
	s.Domain = d
	if s.Name = cleanText(s.Name); s.Name == "" {
		s.Name = DisplayDomain(d)
	}
	if utf8.RuneCountInString(s.Name) > maxSiteName {
		return invalid("name", ReasonLong, "the name is longer than %d characters", maxSiteName)
	}
	if s.Timezone = strings.TrimSpace(s.Timezone); s.Timezone == "" {
		s.Timezone = "UTC"
	}
	if _, err := time.LoadLocation(s.Timezone); err != nil || s.Timezone == "Local" {
		return invalid("timezone", ReasonUnknown, "%q is not a time zone: give one such as Europe/Paris", s.Timezone)
	}
	if s.ShareParam == "" {
		s.ShareParam = DefaultShareParam
	}
	if !shareParam.MatchString(s.ShareParam) {
		return invalid("share_param", ReasonFormat, "the share parameter takes 1 to 20 letters, digits, - and _, and begins with a letter")
	}
	if err := s.checkPages(); err != nil {
		return err
	}
	return s.Sharing.check()
}

func domainTaken(domain string) error {
	return invalid("domain", ReasonTaken, "%s is there already", domain)
}

// cleanText drops control characters and outer blanks.
func cleanText(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s))
}
