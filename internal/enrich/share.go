package enrich

import (
	"net/url"
	"strings"
)

// DefaultShareParam is the URL parameter that carries a share ID, unless a
// site sets another.
const DefaultShareParam = "es"

const shareIDLen = 10

// ValidShareID reports whether id is a share ID: its generation in base 36,
// 1 or more, then nine letters or digits, the first of which is an underscore
// where the ID was made for the address bar.
func ValidShareID(id string) bool {
	if len(id) != shareIDLen || id[0] == '0' || 'A' <= id[0] && id[0] <= 'Z' {
		return false
	}
	for i := 0; i < len(id); i++ {
		if !isWord(id[i]) && (i != 1 || id[i] != '_') {
			return false
		}
	}
	return true
}

// FromAddressBar says that a share ID was made for the address bar: nobody
// hears of such a share until a visit comes by it.
func FromAddressBar(id string) bool { return ValidShareID(id) && id[1] == '_' }

// Via is what an address says of the share that it was passed on by.
type Via struct {
	ID     string
	Parent string // the share it followed from; only an address bar's says so
}

// via reads a parameter's value: a share ID, or one of an address bar with its
// parent's right behind it.
func via(value string) (v Via, ok bool) {
	const n = shareIDLen
	if len(value) == 2*n && FromAddressBar(value[:n]) && ValidShareID(value[n:]) {
		return Via{value[:n], value[n:]}, true
	}
	return Via{ID: value}, ValidShareID(value)
}

// Generation of a share: 1 where its sharer did not come through a share, at
// most 35. 0 where id is no share ID.
func Generation(id string) int {
	if !ValidShareID(id) {
		return 0
	}
	if id[0] <= '9' {
		return int(id[0] - '0')
	}
	return int(id[0]-'a') + 10
}

// TakeShareParam takes the share out of u's query or fragment, whichever
// part of the fragment looks like a parameter ("#es=…", "#part&es=…",
// "#/route?es=…"). A parameter of that name with any other value is the
// site's own and stays. The rest of u stays byte for byte. Where u has
// several, all go and the last in the query, else in the fragment, counts.
func TakeShareParam(u *url.URL, name string) (found Via, ok bool) {
	if name == "" {
		name = DefaultShareParam
	}
	drop := func(key, value string) bool {
		if key != name {
			return false
		}
		v, is := via(value)
		if is {
			found, ok = v, true
		}
		return is
	}
	if u.Fragment != "" {
		setFragment(u, filterParams(u.EscapedFragment(), "?&", drop))
	}
	if u.RawQuery != "" {
		u.RawQuery = filterParams(u.RawQuery, "&", drop)
		u.ForceQuery = false
	}
	return found, ok
}

// setFragment takes an escaped fragment, as EscapedFragment gives it.
func setFragment(u *url.URL, escaped string) {
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return // a part cut out between & and ? leaves no half escape behind
	}
	u.Fragment, u.RawFragment = plain, escaped
}

// filterParams returns s without the parameters that drop names. A parameter
// begins at s's start or after one of seps; the separators that the rest
// doesn't need go too.
func filterParams(s, seps string, drop func(key, value string) bool) string {
	var (
		out     strings.Builder
		changed bool
		sep     byte // before this part; 0 at the start
		owed    byte // before the first part of a run that was dropped
		dropped bool // the part before was
	)
	for start := 0; start <= len(s); {
		end := len(s)
		if i := strings.IndexAny(s[start:], seps); i >= 0 {
			end = start + i
		}
		part := s[start:end]
		key, value, _ := strings.Cut(part, "=")
		if drop(key, value) {
			if !changed {
				changed = true
				out.WriteString(s[:max(start-1, 0)])
			}
			if !dropped {
				owed, dropped = sep, true
			}
		} else {
			if dropped && sep == '&' {
				sep = owed
			}
			if changed && sep != 0 {
				out.WriteByte(sep)
			}
			if changed {
				out.WriteString(part)
			}
			dropped = false
		}
		if end < len(s) {
			sep = s[end]
		}
		start = end + 1
	}
	if !changed {
		return s
	}
	return out.String()
}
