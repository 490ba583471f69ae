package enrich

import (
	"net/url"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Origin says where a visit came from. "" is not known; all of it "" but
// Channel, which is Direct then, is a direct visit.
type Origin struct {
	Source   string // "Google", "Mastodon", else the referrer's host or the tag as given
	Medium   string // utm_medium in lower case, else organic, social, video, email, ai-assistant, referral, cpc, share
	Channel  string // one of the Channel constants
	Referrer string // host and path, without scheme, "www.", port and query; android-app:// is kept
	Network  string // network key of Source, where it is a network

	// UTMSource is filled by "source" and "ref" as well.
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
	return e.arrival(page, referrer).origin(e, inApp, viaShare)
}

// arrival is what a hit says of how its reader came, taken apart.
type arrival struct {
	own      string // the page's host, in ASCII
	referrer *url.URL
	host     string // the referrer's, in ASCII; "" where it is none on the web
	shown    string // the same as it is stored
	tags
}

func (e *Enricher) arrival(page *url.URL, referrer string) (a arrival) {
	a.tags = e.readTags(page.RawQuery)
	if referrer == "" {
		return a
	}
	u, err := parseURL(referrer[:min(len(referrer), event.MaxReferrer)])
	if err != nil || u.Host == "" {
		return a
	}
	a.own, _ = hostname(page)
	a.referrer = u
	if u.Scheme == "http" || u.Scheme == "https" {
		if a.host, a.shown = hostname(u); a.host == "localhost" || a.host == a.own {
			a.host = ""
		}
	}
	return a
}

func (a arrival) origin(e *Enricher, inApp string, viaShare bool) Origin {
	t, tag := a.tags, a.tag()
	o := Origin{UTMSource: tag, UTMMedium: t.utmMedium, UTMCampaign: t.utmCampaign,
		UTMContent: t.utmContent, UTMTerm: t.utmTerm}

	ref := e.reference(a)
	o.Referrer = ref.clean

	byTag := e.tagged(tag)
	order := [...]origin{byTag, ref.origin, e.inApp(inApp), {match: match{entry: t.click.entry}}}
	if viaShare {
		order = [...]origin{order[1], order[2], order[3], order[0]}
	}
	var from origin
	for _, c := range order {
		if c.entry != nil || c.name != "" {
			from = c
			break
		}
	}
	o.Source = from.name
	if from.entry != nil {
		from.kind, o.Source = from.entry.kind, from.entry.Title
		o.Network = from.entry.Key
	}
	facts := channelFacts{
		kind: from.kind, known: o.Source != "", viaShare: viaShare,
		source:   strings.ToLower(tag),
		medium:   strings.ToLower(t.utmMedium),
		campaign: strings.ToLower(t.utmCampaign),
		paid:     byTag.ad || from.ad || from.kind == kindAds,
		click:    t.click.paid && t.click.entry == from.entry,
	}
	o.Channel = facts.channel()
	o.Medium = facts.medium
	if o.Medium == "" || viaShare {
		o.Medium = facts.defaultMedium()
	}
	return o
}

// origin is one thing that says where a visit came from.
type origin struct {
	match
	name string // of what the table doesn't know
}

func (e *Enricher) inApp(name string) origin {
	return origin{match{entry: e.table.names[strings.ToLower(name)]}, name}
}

// tagged resolves a value of utm_source, source or ref: a name that the table
// knows in any case, an app's package, a host or URL, else the tag as it is.
func (e *Enricher) tagged(tag string) origin {
	if tag == "" {
		return origin{}
	}
	low := strings.ToLower(tag)
	if n := e.table.names[low]; n != nil {
		return origin{match{entry: n, ad: e.table.paid[low]}, n.Title}
	}
	if n := e.table.apps[strings.TrimPrefix(low, "android-app://")]; n != nil {
		return origin{match{entry: n}, n.Title}
	}
	if n := e.table.adsOf(low); n != nil {
		return origin{match{entry: n, ad: true}, n.Title}
	}
	u, err := &url.URL{Host: low}, error(nil)
	switch {
	case strings.Contains(low, "://"):
		u, err = url.Parse(low)
	case strings.IndexByte(low, '.') <= 0 || strings.ContainsAny(low, " /@"):
		return origin{name: tag}
	}
	if err != nil || u.Host == "" {
		return origin{name: tag}
	}
	host, shown := hostname(u)
	return origin{e.table.byHost(host, u.Path), shown}
}

// adsOf is the source that "fb-ads", "redditads" and "google_ad" name.
func (t *table) adsOf(low string) *entry {
	for _, suffix := range [...]string{"ads", "ad"} {
		if name, ok := strings.CutSuffix(low, suffix); ok {
			return t.names[strings.TrimRight(name, "-_. ")]
		}
	}
	return nil
}

// tag is what names the source.
func (t tags) tag() string {
	switch {
	case t.utmSource != "":
		return t.utmSource
	case t.source != "":
		return t.source
	}
	return t.ref
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

// reference is what a referrer says: nothing where it is none of another site.
type reference struct {
	origin
	clean string // as it is stored
}

func (e *Enricher) reference(a arrival) (r reference) {
	u := a.referrer
	if u == nil {
		return r
	}
	path := strings.TrimRight(u.Path, "/")
	if u.Scheme == "android-app" || u.Scheme == "ios-app" {
		app := strings.ToLower(u.Host)
		r.entry, r.name = e.table.apps[app], cleanText(app, 255)
		r.clean = cleanText(u.Scheme+"://"+app+path, event.MaxReferrer)
		return r
	}
	if a.host == "" {
		return r
	}
	top := site(a.host)
	r.match, r.name = e.table.upTo(top, a.host, u.Path), a.shown
	if r.entry == nil {
		r.kind = e.table.unowned(a.host, top, u.Path)
	}
	r.clean = cleanText(a.shown+path, event.MaxReferrer)
	return r
}
