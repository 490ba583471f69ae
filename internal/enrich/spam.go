package enrich

import (
	"net/url"
	"strings"
)

// Referrer spam are hits that are there to be seen in statistics: their
// referrer, or their utm_source, is a site that nobody came from. Three things
// say so: the operator's list, which also has the last word; what a domain's
// name offers, by the rules of sources.yaml; and a name in look-alike letters
// of a known source's.

// spamRules are the rules that need no list.
type spamRules struct {
	// Names are domains' own names, under any suffix.
	Names []string `yaml:"names"`
	// Offers are words that no other site's name has together.
	Offers [][]string `yaml:"offers"`

	names  map[string]bool
	offers map[string][][]string // by their first word
}

func (r *spamRules) index() {
	r.names, r.offers = map[string]bool{}, map[string][][]string{}
	for _, n := range r.Names {
		r.names[n] = true
	}
	for _, o := range r.Offers {
		r.offers[o[0]] = append(r.offers[o[0]], o)
	}
}

// advertises tells by a registrable domain's own name that it is spam.
func (r *spamRules) advertises(domain string) bool {
	name, _, _ := strings.Cut(domain, ".")
	if r.names[numbered(name)] {
		return true
	}
	if strings.IndexByte(name, '-') < 0 {
		return false
	}
	words := strings.Split(name, "-")
	for i, w := range words {
		words[i] = numbered(w)
	}
	for _, w := range words {
		for _, offer := range r.offers[w] {
			all := true
			for _, o := range offer {
				all = all && isOneOf(o, words...)
			}
			if all {
				return true
			}
		}
	}
	return false
}

// spam is the domain for which a hit is left out, or "".
func (e *Enricher) spam(page *url.URL, from arrival) string {
	if from.host != "" {
		if name := e.spamHost(from.host, from.referrer.Path); name != "" {
			return name
		}
	}
	tag := from.tag()
	if strings.IndexByte(tag, '.') <= 0 || strings.ContainsAny(tag, " @") {
		return ""
	}
	if !strings.Contains(tag, "://") {
		tag = "http://" + tag
	}
	u, err := url.Parse(tag)
	if err != nil {
		return ""
	}
	host, _ := hostname(u)
	if own, _ := hostname(page); host == own {
		return ""
	}
	return e.spamHost(host, u.Path)
}

// spamHost is spam of a host that is not the page's.
func (e *Enricher) spamHost(host, path string) string {
	listed, kept := e.spamList.get().find(host)
	if listed != "" {
		return readable(listed)
	}
	top := site(host)
	if kept || e.table.upTo(top, host, path).entry != nil {
		return ""
	}
	if e.table.spam.advertises(top) || e.table.imitates(top) {
		return readable(top)
	}
	return ""
}

// lookAlikes are letters that pass for one of a to z.
var lookAlikes = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "ԁ", "d", "һ", "h", "ӏ", "l", "к", "k", "м", "m", "т", "t", "в", "b", "н", "h", "ԛ", "q", "ԝ", "w", "ґ", "r",
	"ο", "o", "α", "a", "ν", "v", "ι", "i", "κ", "k", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
	"ɢ", "g", "ɡ", "g", "ĸ", "k", "ı", "i", "ɑ", "a", "ɩ", "i", "ʏ", "y", "ɴ", "n", "ʀ", "r", "ʟ", "l", "ɪ", "i", "ꜱ", "s", "ḷ", "l", "ạ", "a", "ọ", "o", "ẹ", "e",
)

// imitates tells whether a registrable domain is a known source's in letters
// of other alphabets that look like its own.
func (t *table) imitates(domain string) bool {
	if !strings.Contains(domain, "xn--") {
		return false
	}
	plain := lookAlikes.Replace(unicodeHost(domain))
	if ASCIIHost(plain) != plain {
		return false // some letter of it looks like none
	}
	return t.byHost(plain, "").entry != nil
}
