package meta

import (
	"regexp"
	"strings"
)

// Sharing is what a site wants its snippet to do about shares. The zero value
// is the snippet without wishes, earshot.js; any other needs
// earshot-share.js.
type Sharing struct {
	Bars       bool   // knows the share bars whose buttons are no links to a share form
	Fragment   bool   // share IDs go into the fragment of an address, not into its query
	AddressBar bool   // the address bar carries a share ID too
	Copies     string // CopyMark, CopyCount or CopyOff
	Networks   string // keys of the networks that are followed, "a, b"; all where empty
}

// What happens when a reader copies the page's address.
const (
	CopyMark  = ""      // it is a share, and the copy carries its ID
	CopyCount = "count" // it is a share, and the copy is left as it is
	CopyOff   = "off"   // nothing
)

const maxNetworks = 200 // bytes

var (
	networkKey  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	separations = regexp.MustCompile(`[\s,;]+`)
)

// check normalises the fields in place.
func (s *Sharing) check() error {
	if s.Copies != CopyMark && s.Copies != CopyCount && s.Copies != CopyOff {
		return invalid("share_copy", ReasonUnknown, "%q is none of count and off", s.Copies)
	}
	keys := strings.Fields(separations.ReplaceAllString(strings.ToLower(s.Networks), " "))
	for _, key := range keys {
		if !networkKey.MatchString(key) {
			return invalid("share_networks", ReasonFormat, "%q is not a network: give names such as x, mastodon, whatsapp", key)
		}
	}
	if s.Networks = strings.Join(keys, ", "); len(s.Networks) > maxNetworks {
		return invalid("share_networks", ReasonLong, "the networks are longer than %d characters", maxNetworks)
	}
	return nil
}

// Snippet is the element to paste into the site's pages, with the attributes
// that its settings ask for. base is where this installation is reached,
// without a slash at its end.
func (s Site) Snippet(base string) string {
	var b strings.Builder
	b.WriteString(`<script defer data-site="` + s.Domain + `"`)
	if s.ShareParam != "" && s.ShareParam != DefaultShareParam {
		b.WriteString(` data-param="` + s.ShareParam + `"`)
	}
	if !s.RespectOptOut {
		b.WriteString(` data-respect="off"`)
	}
	if s.HashMode {
		b.WriteString(` data-hash`)
	}
	if s.Sharing.Fragment {
		b.WriteString(` data-place="fragment"`)
	}
	if s.Sharing.AddressBar {
		b.WriteString(` data-bar`)
	}
	if s.Sharing.Copies != CopyMark {
		b.WriteString(` data-copy="` + s.Sharing.Copies + `"`)
	}
	if s.Sharing.Networks != "" {
		b.WriteString(` data-networks="` + s.Sharing.Networks + `"`)
	}
	file := "earshot.js"
	if s.Sharing != (Sharing{}) {
		file = "earshot-share.js"
	}
	return b.String() + ` src="` + base + `/js/` + file + `"></script>`
}
