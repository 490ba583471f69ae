package enrich

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Hosts are compared by whole labels, never by a part of one. A host that no
// source owns may still say what it is: webmail.example.org is a mailbox,
// suche.example.de a search engine.

// match is what the table knows of a host. The zero match is nothing.
type match struct {
	entry *entry
	kind  kind
	ad    bool // the host serves the source's ads
}

func (t *table) owner(e *entry) match { return match{entry: e, kind: e.kind} }

// byHost finds the source that owns a host, which is in ASCII and without
// "www.": the source of the host's own domain or of the nearest above it,
// never above the registrable domain, or the one whose brand the host has in
// its country.
func (t *table) byHost(host, path string) match { return t.upTo(site(host), host, path) }

// upTo is byHost for those who know the host's registrable domain.
func (t *table) upTo(top, host, path string) match {
	if host == "" {
		return match{}
	}
	if e := t.hosts[host]; e != nil {
		return t.owner(e)
	}
	for h := host; ; {
		for _, r := range t.paths[h] {
			if rest, ok := strings.CutPrefix(path, r.path); ok && (rest == "" || rest[0] == '/') {
				return t.owner(r.entry)
			}
		}
		if m := t.domains.find(t, h, strings.TrimSuffix(host, h), path); m.entry != nil {
			return m
		}
		if len(h) <= len(top) {
			break
		}
		_, h, _ = strings.Cut(h, ".")
	}
	return t.byBrand(host, top, path)
}

// byBrand matches google.fr and news.google.co.uk: the brand, then nothing but
// a country's public suffix. google.blog or google.example.fr are not it.
func (t *table) byBrand(host, top, path string) match {
	suffix, icann := publicsuffix.PublicSuffix(top)
	if !icann || len(suffix) >= len(top) {
		return match{}
	}
	last := suffix[strings.LastIndexByte(suffix, '.')+1:]
	if len(last) != 2 && suffix != "com" {
		return match{}
	}
	labels := strings.TrimSuffix(host, "."+suffix)
	for name := labels; ; {
		if m := t.brands.find(t, name, strings.TrimSuffix(labels, name), path); m.entry != nil {
			return m
		}
		var more bool
		if _, name, more = strings.Cut(name, "."); !more {
			return match{}
		}
	}
}

// owned is who has a domain or a brand, and of which hosts.
type owned map[string]*claims

type claims struct {
	all  *entry   // the name and what is below it; of a search engine, its search pages
	some []*entry // of what is below it, the hosts that have a word of the entry's kind
	ads  *entry   // all of it, which serves ads
}

func (o owned) of(name string) *claims {
	c := o[name]
	if c == nil {
		c = &claims{}
		o[name] = c
	}
	return c
}

// find is what name says of a host; below is what stands before name in it,
// with its dot.
func (o owned) find(t *table, name, below, path string) match {
	c := o[name]
	if c == nil {
		return match{}
	}
	if c.ads != nil {
		return match{entry: c.ads, kind: c.ads.kind, ad: true}
	}
	for _, e := range c.some {
		if t.words.tell(below) == e.kind {
			return t.owner(e)
		}
	}
	if e := c.all; e != nil && (e.kind != kindSearch || t.isSearchPage(e, below, path)) {
		return t.owner(e)
	}
	return match{}
}

// isSearchPage tells an engine's pages of results from the other things that
// stand on its domain: what is below it has a word for searching, or nothing
// but words that say nothing ("m", a country, a server's number). Where the
// engine's paths are known, the path is one of them.
func (t *table) isSearchPage(e *entry, below, path string) bool {
	if t.words.tell(below) == kindSearch {
		return true
	}
	for below != "" {
		var label string
		label, below, _ = strings.Cut(below, ".")
		if !t.words.saysNothing(label) {
			return false
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	first, _, _ = strings.Cut(first, ";")
	if len(e.Paths) == 0 || first == "" {
		return true
	}
	return isOneOf(first, e.Paths...)
}

// hostWords tell what a host is by the words in its labels.
type hostWords struct {
	Email   []string `yaml:"email"`
	Search  []string `yaml:"search"`
	Nothing []string `yaml:"nothing"`
	// Deref begins the registrable names of hosts that webmail sends its
	// readers' clicks through, so that no letter's address leaks.
	Deref []string `yaml:"deref"`

	kinds   map[string]kind
	nothing map[string]bool
}

func (w *hostWords) index() {
	w.kinds, w.nothing = map[string]kind{}, map[string]bool{}
	for _, s := range w.Email {
		w.kinds[s] = kindEmail
	}
	for _, s := range w.Search {
		w.kinds[s] = kindSearch
	}
	for _, s := range w.Nothing {
		w.nothing[s] = true
	}
}

// tell is the kind that labels, which end in a dot, name, the first that does.
func (w *hostWords) tell(labels string) kind {
	for labels != "" {
		var label string
		label, labels, _ = strings.Cut(labels, ".")
		if k := w.kinds[numbered(label)]; k != kindOther {
			return k
		}
		// search-intl, lightmailer-bs; but mail-archives holds no mailbox.
		if first, rest, cut := strings.Cut(label, "-"); cut && !isOneOf(numbered(rest), "archive", "archives", "index", "list", "lists", "news") {
			if k := w.kinds[numbered(first)]; k != kindOther {
				return k
			}
		}
	}
	return kindOther
}

// saysNothing holds for www2, m, fr and s3-us3.
func (w *hostWords) saysNothing(label string) bool {
	for label != "" {
		var word string
		word, label, _ = strings.Cut(label, "-")
		word = numbered(word)
		if len(word) > 1 && !w.nothing[word] && (len(word) != 2 || isOneOf(word, "ad", "ai", "fm", "im", "my", "tv")) {
			return false
		}
	}
	return true
}

// unowned is the kind of a host that no source owns, by its words alone.
func (t *table) unowned(host, top, path string) kind {
	if first, _, cut := strings.Cut(top, "-"); cut && isOneOf(first, t.words.Deref...) {
		return kindEmail
	}
	k := t.words.tell(strings.TrimSuffix(host, top))
	if k == kindEmail && isListArchive(path) {
		return kindOther
	}
	return k
}

// isListArchive: mail.example.org often holds the archive of a mailing list.
func isListArchive(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return isOneOf(first, "pipermail", "archive", "archives", "mailman", "mailman3", "hyperkitty", "mail-archive")
}

// numbered is a word without the number behind it and a letter behind that:
// mail of mail02, webmail of webmail1m.
func numbered(word string) string {
	end := strings.IndexAny(word, "0123456789")
	if end <= 0 {
		return word
	}
	rest := strings.TrimLeft(word[end:], "0123456789")
	if len(rest) > 1 {
		return word
	}
	return word[:end]
}
