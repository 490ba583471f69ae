package enrich

import (
	"strings"

	"github.com/ua-parser/uap-go/uaparser"
)

// Browsers that are built on another's engine send that browser's whole
// User-Agent and name themselves once: before it, in it or behind it. No list
// has them all.

// engineProducts are those of engines, of the systems, devices and carriers that
// they run on, and of what is added to browsers.
var engineProducts = setOf(`chrome chromium crmo crkey safari version mobile applewebkit gecko firefox fennec aurora electron mozilla msie
	ubuntu kubuntu debian fedora centos hat suse opensuse mandriva gentoo mint novell pclinuxos slackware kaios smarttv tv tesla
	stumbleupon multizilla mnenhy firephp firebug microsoft telnet cyanogenmod release svn swv`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// compatibleProduct is how those named themselves that came before engines had
// browsers built on them.
var compatibleProduct = &lazyRegexp{expr: `^Mozilla/\d\.\d+ \(compatible; ([A-Z]\w{2,}?)(?:/| |Pre)+v?(\d+)\.(\d+)`}

// selfNamed is the one product behind the engine's description that is none of
// the engine's. Where there are several, nobody knows which of them browses.
func selfNamed(ua string) (found uaparser.UserAgent, ok bool) {
	if m := compatibleProduct.get().FindStringSubmatch(ua); m != nil {
		return uaparser.UserAgent{Family: m[1], Major: m[2], Minor: m[3]}, m[1] != "MSIE"
	}
	_, products, ok := strings.Cut(ua, "(KHTML, like Gecko) ")
	if !ok {
		if _, products, ok = strings.Cut(ua, ") Gecko/"); !ok {
			return found, false
		}
		_, products, _ = strings.Cut(products, " ")
	}
	if strings.ContainsAny(products, "()[];,") {
		return found, false
	}
	for product := range strings.FieldsSeq(products) {
		name, version, _ := strings.Cut(product, "/")
		if engineProducts[asciiLower(name)] {
			continue
		}
		if found.Family != "" || !isName(name) || version == "" || version[0] < '0' || version[0] > '9' {
			return uaparser.UserAgent{}, false
		}
		found.Family = name
		if word, ok := strings.CutSuffix(name, "Browser"); ok && word != "" {
			found.Family = word + " Browser"
		}
		found.Major, version, _ = strings.Cut(version, ".")
		found.Minor, _, _ = strings.Cut(version, ".")
	}
	return found, found.Family != ""
}

// isName is whether a word is what people call a program, as "Iron" is and
// "T7" or "x1f2e3" isn't.
func isName(word string) bool {
	letters := 0
	for _, r := range word {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			letters++
		case r < '0' || r > '9':
			return false
		}
	}
	return letters > 2 && len(word)-letters <= 2 && len(word) <= 30 && word[0] >= 'A' && word[0] <= 'Z'
}

// plainFamilies are the names that such a browser, or an app with a web view,
// has by its engine alone.
var plainFamilies = map[string]bool{"": true, "Other": true, "Chrome": true, "Chrome Mobile": true, "Chromium": true, "Firefox": true, "Firefox Mobile": true, "Safari": true, "Mobile Safari": true,
	"Android": true, "Chrome Mobile WebView": true, "Mobile Safari UI/WKWebView": true}
