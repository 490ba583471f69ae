package meta

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// NormalizeDomain gives the form under which a site is stored and looked up:
// host only, lower case, ASCII (punycode), without "www." and a closing dot.
// A pasted address such as "https://www.Example.com/" is taken for its host;
// a port or a path is refused, since a site is a host. A name needs a dot
// ("localhost" apart), so it never collides with a page of ours.
func NormalizeDomain(input string) (string, error) {
	d := strings.TrimSpace(input)
	if i := strings.Index(d, "://"); i >= 0 {
		d = d[i+3:]
	}
	d = strings.TrimSuffix(strings.TrimSuffix(d, "/"), ".")
	if d == "" {
		return "", invalid("domain", ReasonEmpty, "the domain is empty: give one such as example.com")
	}
	if strings.ContainsAny(d, "/?#@: \t") {
		return "", invalid("domain", ReasonFormat, "%q is not a domain: give the host alone, such as example.com", input)
	}
	ascii, err := idna.Lookup.ToASCII(strings.ToLower(d))
	if err != nil {
		return "", invalid("domain", ReasonFormat, "%q is not a domain: give one such as example.com", input)
	}
	if rest := strings.TrimPrefix(ascii, "www."); strings.Contains(rest, ".") {
		ascii = rest
	}
	if !validHost(ascii) {
		return "", invalid("domain", ReasonFormat, "%q is not a domain: give one such as example.com", input)
	}
	return ascii, nil
}

// validHost holds for letters, digits and hyphens in labels of 1–63 bytes:
// idna alone lets underscores and empty labels through.
func validHost(host string) bool {
	if host == "localhost" {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
		for _, c := range []byte(l) {
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

// DisplayDomain is the domain as its readers write it: "xn--bcher-kva.example"
// is "bücher.example".
func DisplayDomain(domain string) string {
	if u, err := idna.Display.ToUnicode(domain); err == nil {
		return u
	}
	return domain
}
