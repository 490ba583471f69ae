package enrich

import (
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Origin says where a visit came from. "" is not known; all of it "" but
// Channel, which is Direct then, is a direct visit.
type Origin struct {
	Source   string // "Google", "Mastodon", else a registrable domain or the tag as given
	Medium   string // utm_medium in lower case, else organic, social, video, email, ai-assistant, referral, cpc, share
	Channel  string // one of the Channel constants
	Referrer string // host and path, without scheme, "www.", port and query; android-app:// is kept
	Network  string // network key of Source, where it is a network

	UTMSource, UTMMedium, UTMCampaign, UTMContent, UTMTerm string
}

const maxTag = 500 // bytes of a UTM field that are kept

// tags is what a page's URL says of where the reader came from.
type tags struct {
	utmSource, utmMedium, utmCampaign, utmContent, utmTerm string
	source, ref                                            string
	click                                                  click
}

// Source finds the origin of a page view from the page's URL, its referrer
// and its in-app browser. The first that says something wins: the URL's tags
// (utm_source, source, ref), the referrer, the in-app browser, a click ID
// (gclid, fbclid, …). A referrer on the page's own site says nothing.
//
// Where viaShare, the URL carries a share ID: its tags and click IDs were
// then copied along with it, so that they speak of the sharer and come last.
func (e *Enricher) Source(page *url.URL, referrer, inApp string, viaShare bool) Origin {
	t := e.readTags(page.RawQuery)
	o := Origin{UTMSource: t.utmSource, UTMMedium: t.utmMedium, UTMCampaign: t.utmCampaign,
		UTMContent: t.utmContent, UTMTerm: t.utmTerm}

	var from *entry
	refEntry, domain, clean := e.readReferrer(page, referrer)
	o.Referrer = clean

	tag := t.utmSource
	if tag == "" {
		tag = t.source
	}
	if tag == "" {
		tag = t.ref
	}
	app := e.table.names[strings.ToLower(inApp)]
	tagEntry, tagSource := e.tagged(tag)
	candidates := [...]struct {
		entry *entry
		name  string
	}{{tagEntry, tagSource}, {refEntry, domain}, {app, inApp}, {t.click.entry, ""}}
	order := [...]int{0, 1, 2, 3}
	if viaShare {
		order = [...]int{1, 2, 3, 0}
	}
	for _, i := range order {
		if c := candidates[i]; c.entry != nil || c.name != "" {
			from, o.Source = c.entry, c.name
			break
		}
	}
	k := kindOther
	if from != nil {
		k, o.Source = from.kind, from.Title
		o.Network = from.Key
	}
	facts := channelFacts{
		kind: k, known: o.Source != "", viaShare: viaShare,
		source:   strings.ToLower(t.utmSource),
		medium:   strings.ToLower(t.utmMedium),
		campaign: strings.ToLower(t.utmCampaign),
		paid:     e.table.paid[strings.ToLower(tag)] || t.click.paid && t.click.entry == from,
	}
	o.Channel = facts.channel()
	o.Medium = facts.medium
	if o.Medium == "" || viaShare {
		o.Medium = facts.defaultMedium()
	}
	return o
}

// tagged resolves a value of utm_source, source or ref: a name that the table
// knows in any case, a host or URL, else the tag as it is.
func (e *Enricher) tagged(tag string) (*entry, string) {
	if tag == "" {
		return nil, ""
	}
	low := strings.ToLower(tag)
	if n := e.table.names[low]; n != nil {
		return n, n.Title
	}
	if n := e.table.apps[strings.TrimPrefix(low, "android-app://")]; n != nil {
		return n, n.Title
	}
	if strings.Contains(low, "://") {
		if u, err := url.Parse(low); err == nil && u.Host != "" {
			h := Hostname(u)
			if n := e.table.byHost(h, u.Path); n != nil {
				return n, n.Title
			}
			return nil, site(h)
		}
	}
	if strings.IndexByte(low, '.') > 0 && !strings.ContainsAny(low, " /@") {
		host := strings.TrimPrefix(low, "www.")
		if n := e.table.byHost(host, ""); n != nil {
			return n, n.Title
		}
		return nil, host
	}
	return nil, tag
}

// readTags scans a query without making a map of it.
func (e *Enricher) readTags(query string) (t tags) {
	for query != "" {
		var part string
		part, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(part, "=")
		if value == "" {
			continue
		}
		var to *string
		switch strings.ToLower(key) {
		case "utm_source":
			to = &t.utmSource
		case "utm_medium":
			to = &t.utmMedium
		case "utm_campaign":
			to = &t.utmCampaign
		case "utm_content":
			to = &t.utmContent
		case "utm_term":
			to = &t.utmTerm
		case "source":
			to = &t.source
		case "ref":
			to = &t.ref
		default:
			// A paid click says more than a mere one: gclid before mc_cid.
			if c, ok := e.table.clicks[key]; ok && (t.click.entry == nil || c.paid && !t.click.paid) {
				t.click = c
			}
			continue
		}
		if *to != "" {
			continue
		}
		*to = cleanText(decode(value), maxTag)
	}
	return t
}

// readReferrer returns what the table knows of a referrer, its registrable
// domain and its clean form. All are empty where it is none of another site.
func (e *Enricher) readReferrer(page *url.URL, raw string) (known *entry, domain, clean string) {
	if raw == "" {
		return nil, "", ""
	}
	u, err := parseURL(raw)
	if err != nil || u.Host == "" {
		return nil, "", ""
	}
	path := strings.TrimRight(u.Path, "/")
	switch u.Scheme {
	case "android-app", "ios-app":
		app := strings.ToLower(u.Host)
		clean = cleanText(u.Scheme+"://"+app+path, event.MaxReferrer)
		return e.table.apps[app], cleanText(app, 255), clean
	case "http", "https":
	default:
		return nil, "", ""
	}
	host := Hostname(u)
	if host == "" || host == "localhost" || sameSite(host, Hostname(page)) {
		return nil, "", ""
	}
	top := site(host)
	known, domain = e.table.upTo(top, host, u.Path), top
	if e.table.hosts[top] != nil {
		domain = host // one of many people's sites
	}
	return known, domain, cleanText(host+path, event.MaxReferrer)
}

// byHost finds the source whose domain is host or the nearest above it, never
// above the registrable domain, or whose brand the host is in its country.
func (t *table) byHost(host, path string) *entry { return t.upTo(site(host), host, path) }

// upTo is byHost for those who know the host's registrable domain.
func (t *table) upTo(top, host, path string) *entry {
	if host == "" {
		return nil
	}
	if e := t.hosts[host]; e != nil {
		return e
	}
	for h := host; ; {
		for _, r := range t.paths[h] {
			if rest, ok := strings.CutPrefix(path, r.path); ok && (rest == "" || rest[0] == '/') {
				return r.entry
			}
		}
		if e := t.domains[h]; e != nil {
			return e
		}
		if len(h) <= len(top) {
			break
		}
		_, h, _ = strings.Cut(h, ".")
	}
	return t.byBrand(host, top)
}

// byBrand matches google.fr and news.google.co.uk: the brand, then nothing but
// a country's public suffix. google.blog or google.example.fr are not it.
func (t *table) byBrand(host, top string) *entry {
	suffix, icann := publicsuffix.PublicSuffix(top)
	if !icann || len(suffix) >= len(top) {
		return nil
	}
	last := suffix[strings.LastIndexByte(suffix, '.')+1:]
	if len(last) != 2 && suffix != "com" {
		return nil
	}
	labels := strings.TrimSuffix(host, "."+suffix)
	for {
		if e := t.brands[labels]; e != nil {
			return e
		}
		var more bool
		if _, labels, more = strings.Cut(labels, "."); !more {
			return nil
		}
	}
}
