package enrich

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed sources.yaml
var sourcesYAML []byte

// kind is what a source is; channels are made of it.
type kind uint8

const (
	kindOther kind = iota
	kindAI
	kindSocial
	kindVideo
	kindAct
	kindEmail
	kindSearch
	kindShopping
	kindNews
	kindReference
	kindAds
)

var kindNames = map[string]kind{
	"ai": kindAI, "social": kindSocial, "video": kindVideo, "email": kindEmail, "search": kindSearch, "shopping": kindShopping, "ads": kindAds,
}

// entry is one source of sources.yaml, which says what each field means.
type entry struct {
	kind       kind
	Key        string   `yaml:"key"`
	Title      string   `yaml:"title"`
	Domains    []string `yaml:"domains"`
	Brands     []string `yaml:"brands"`
	Within     []string `yaml:"within"`
	Paths      []string `yaml:"paths"`
	Ads        []string `yaml:"ads"`
	Apps       []string `yaml:"apps"`
	Agents     []string `yaml:"agents"`
	Previews   []string `yaml:"previews"`
	Aliases    []string `yaml:"aliases"`
	Paid       []string `yaml:"paid"`
	Clicks     []string `yaml:"clicks"`
	PaidClicks []string `yaml:"paid_clicks"`
}

// table is sources.yaml, indexed. It never changes after newTable.
type table struct {
	entries  []*entry
	domains  owned
	brands   owned
	hosts    map[string]*entry     // domains whose subdomains are others'
	paths    map[string][]pathRule // by domain
	words    hostWords
	spam     spamRules
	apps     map[string]*entry
	names    map[string]*entry // title, key or alias, lower case
	networks map[string]*entry // the same, networks alone, and names of their buttons
	forms    []shareForm
	paid     map[string]bool  // values of utm_source
	clicks   map[string]click // query parameters
	agents   *tokens          // value = title
	previews *tokens          // value = key
}

type pathRule struct {
	path  string
	entry *entry
}

type click struct {
	entry *entry
	paid  bool
}

func newTable(data []byte) (*table, error) {
	var file struct {
		AI        []*entry `yaml:"ai"`
		Social    []*entry `yaml:"social"`
		Video     []*entry `yaml:"video"`
		Act       []*entry `yaml:"act"`
		Email     []*entry `yaml:"email"`
		Search    []*entry `yaml:"search"`
		Shopping  []*entry `yaml:"shopping"`
		News      []*entry `yaml:"news"`
		Reference []*entry `yaml:"reference"`
		Ads       []*entry `yaml:"ads"`

		Unnamed map[string][]string `yaml:"unnamed"`
		Words   hostWords           `yaml:"words"`
		Spam    spamRules           `yaml:"spam"`
		Forms   map[string][]string `yaml:"forms"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&file); err != nil {
		return nil, fmt.Errorf("read sources.yaml: %w", err)
	}
	t := &table{
		domains: owned{}, brands: owned{}, hosts: map[string]*entry{}, paths: map[string][]pathRule{}, words: file.Words, spam: file.Spam,
		apps: map[string]*entry{}, names: map[string]*entry{}, networks: map[string]*entry{},
		paid: map[string]bool{}, clicks: map[string]click{}, agents: newTokens(), previews: newTokens(),
	}
	t.words.index()
	t.spam.index()
	// The order is the precedence of names: an assistant before a network
	// before a mailbox before a search engine.
	for _, g := range []struct {
		kind    kind
		entries []*entry
	}{
		{kindAI, file.AI}, {kindSocial, file.Social}, {kindVideo, file.Video}, {kindEmail, file.Email},
		{kindSearch, file.Search}, {kindShopping, file.Shopping}, {kindNews, file.News},
		{kindReference, file.Reference}, {kindAds, file.Ads}, {kindAct, file.Act},
	} {
		for _, e := range g.entries {
			e.kind = g.kind
			if err := t.add(e); err != nil {
				return nil, fmt.Errorf("read sources.yaml: %s: %w", e.Title, err)
			}
		}
	}
	for name, domains := range file.Unnamed {
		k, ok := kindNames[name]
		if !ok {
			return nil, fmt.Errorf("read sources.yaml: unnamed: %s is no kind", name)
		}
		for _, d := range domains {
			if err := t.addDomains(&entry{kind: k, Title: d, Domains: []string{d}}); err != nil {
				return nil, fmt.Errorf("read sources.yaml: %w", err)
			}
		}
	}
	if err := t.addForms(file.Forms); err != nil {
		return nil, fmt.Errorf("read sources.yaml: %w", err)
	}
	return t, nil
}

// isNetwork: a place that one can share to, or have an account at.
func (e *entry) isNetwork() bool { return e.Key != "" }

func (t *table) add(e *entry) error {
	if network := e.kind == kindSocial || e.kind == kindVideo || e.kind == kindAct; e.Title == "" || network != e.isNetwork() {
		return fmt.Errorf("a title is needed, and a key for a network and nothing else")
	}
	t.entries = append(t.entries, e)
	if err := t.addDomains(e); err != nil {
		return err
	}
	for _, a := range e.Apps {
		a = strings.ToLower(a)
		if old := t.apps[a]; old != nil {
			return fmt.Errorf("app %s is %s's already", a, old.Title)
		}
		t.apps[a] = e
	}
	for _, n := range slices.Concat([]string{strings.ToLower(e.Title), e.Key}, e.Aliases, e.Paid) {
		if n == "" {
			continue
		}
		if t.names[n] == nil && e.kind != kindAct {
			t.names[n] = e
		}
		if t.networks[n] == nil && e.isNetwork() {
			t.networks[n] = e
		}
	}
	for _, n := range e.Paid {
		t.paid[n] = true
	}
	for _, p := range e.Clicks {
		t.clicks[p] = click{e, false}
	}
	for _, p := range e.PaidClicks {
		t.clicks[p] = click{e, true}
	}
	for _, a := range e.Agents {
		t.agents.add(a, e.Title)
	}
	for _, p := range e.Previews {
		t.previews.add(p, e.Key)
	}
	return nil
}

func (t *table) addDomains(e *entry) error {
	for _, d := range e.Domains {
		host, path, hasPath := strings.Cut(d, "/")
		if hasPath {
			t.paths[host] = append(t.paths[host], pathRule{"/" + path, e})
			continue
		}
		host, alone := strings.CutPrefix(host, "=")
		at := &t.domains.of(host).all
		if alone {
			old := t.hosts[host]
			t.hosts[host] = e
			at = &old
		}
		if *at != nil {
			return fmt.Errorf("domain %s is %s's already", host, (*at).Title)
		}
		*at = e
	}
	for _, b := range e.Brands {
		at := &t.brands.of(b).all
		if *at != nil {
			return fmt.Errorf("brand %s is %s's already", b, (*at).Title)
		}
		*at = e
	}
	for _, name := range e.Within {
		c := t.named(name)
		c.some = append(c.some, e)
	}
	for _, name := range e.Ads {
		t.named(name).ads = e
	}
	return nil
}

// named are the claims to a domain, or with ".*" to a brand.
func (t *table) named(name string) *claims {
	if brand, ok := strings.CutSuffix(name, ".*"); ok {
		return t.brands.of(brand)
	}
	return t.domains.of(name)
}

// Network is a place that readers share to or that accounts are on, or a way
// to share such as "copy". Key is stored, Title is shown (it is a proper
// name, but for the ways to share, which the UI translates by key).
type Network struct{ Key, Title string }

// Networks lists every network, in the table's order.
func (e *Enricher) Networks() []Network {
	var all []Network
	for _, s := range e.table.entries {
		if s.isNetwork() {
			all = append(all, Network{s.Key, s.Title})
		}
	}
	return all
}

// SourceNamed finds the source that somebody means: by its title, the key of a
// network, an alias, a value of utm_source that says "paid", a host, a URL or
// an app's package, in any case. title is what visit:source stores: "X" of
// "Twitter" and of "t.co". False where no source of the table has the name.
func (e *Enricher) SourceNamed(name string) (title string, ok bool) {
	if n := e.tagged(strings.TrimSpace(name)).entry; n != nil {
		return n.Title, true
	}
	return "", false
}

// tokens finds the longest of some texts inside another, at the start of a word.
type tokens struct {
	byStart map[uint32][]token
}

type token struct {
	text, value string
	anchored    bool
}

func newTokens() *tokens { return &tokens{byStart: map[uint32][]token{}} }

func (t *tokens) add(text, value string) {
	text, anchored := strings.CutPrefix(text, "^")
	k := key3(text, 0)
	t.byStart[k] = append(t.byStart[k], token{text, value, anchored})
}

// find returns the value of the longest token in s, or "".
func (t *tokens) find(s string) string {
	length, value := 0, ""
	for i := 0; i+3 <= len(s); i++ {
		if i > 0 && isWord(s[i-1]) {
			continue
		}
		for _, k := range t.byStart[key3(s, i)] {
			if len(k.text) > length && (!k.anchored || i == 0) && strings.HasPrefix(s[i:], k.text) {
				length, value = len(k.text), k.value
			}
		}
	}
	return value
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
