package enrich

import (
	"fmt"
	"strings"
)

// NormalizeNetwork finds a network's key by key, title, alias or domain, by the
// address of a share form as the snippet sends it, without its parameters, or
// by the name that a share bar gives its button: "Twitter", "x.com",
// "https://twitter.com/intent/tweet" and "sharing-twitter-42" are all x. False
// where nothing knows it.
func (e *Enricher) NormalizeNetwork(name string) (key string, ok bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	n := e.table.networks[name]
	if n == nil {
		if scheme, rest, isAddress := strings.Cut(name, "://"); isAddress {
			n = e.table.byForm(scheme, rest)
		} else if n = e.table.shareable(name, ""); n == nil {
			n = e.table.byButton(name)
		}
	}
	switch {
	case n == nil:
		return "", false
	case n.kind == kindEmail:
		return "email", true // a letter begun on its writer's mail site
	}
	return n.Key, true
}

// shareForm is a share form whose address doesn't say by its domain whose it is.
type shareForm struct {
	host, path string // the path's beginning, without its slash
	entry      *entry
}

// addForms takes what share buttons alone say, by the keys of networks.
func (t *table) addForms(forms map[string][]string) error {
	for key, names := range forms {
		e := t.networks[key]
		if e == nil || e.Key != key {
			return fmt.Errorf("forms of %s, which is no network", key)
		}
		for _, name := range names {
			if host, path, _ := strings.Cut(name, "/"); strings.Contains(host, ".") {
				t.forms = append(t.forms, shareForm{host, path, e})
			}
			if old := t.networks[name]; old != nil {
				return fmt.Errorf("forms of %s: %s is %s's already", key, name, old.Title)
			}
			t.networks[name] = e
		}
	}
	return nil
}

// byForm finds the network of a share form: of its scheme where an app has one
// of its own ("whatsapp://send"), of its host and path otherwise.
func (t *table) byForm(scheme, rest string) *entry {
	host, path, _ := strings.Cut(rest, "/")
	if scheme != "http" && scheme != "https" {
		return t.networks[scheme]
	}
	path = strings.TrimLeft(path, "/") // "https://mastodon.social//share"
	if service, found := strings.CutPrefix(path, "add_to/"); found && site(host) == "addtoany.com" {
		if n := t.networks[service]; n != nil {
			return n
		}
		return t.byButton(service)
	}
	for _, f := range t.forms {
		if (host == f.host || strings.HasSuffix(host, "."+f.host)) && strings.HasPrefix(path, f.path) {
			return f.entry
		}
	}
	if n := t.shareable(host, "/"+path); n != nil {
		return n
	}
	// Any Mastodon instance takes a text there, and no list holds every
	// instance. Others take an address ("/share?url=", "/share?link=").
	if (path == "share?text" || path == "share/?text") && strings.Contains(host, ".") {
		return t.networks["mastodon"]
	}
	return nil
}

// shareable is byHost for places that one can share to.
func (t *table) shareable(host, path string) *entry {
	if n := t.byHost(host, path).entry; n != nil && (n.isNetwork() || n.kind == kindEmail) {
		return n
	}
	return nil
}

// byButton finds the network that a share bar's button is named after:
// "hacker_news", "sharing-facebook-42", "jetpack-whatsapp". One of its words is
// enough, the last that names a network; words such as "share" and "link" name
// none.
func (t *table) byButton(name string) *entry {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	if n := t.networks[strings.Join(words, " ")]; n != nil {
		return n
	}
	for i := len(words) - 1; i >= 0; i-- {
		if n := t.networks[words[i]]; n != nil && (n.kind != kindAct || n.Key == "email" || n.Key == "sms") {
			return n
		}
	}
	return nil
}
