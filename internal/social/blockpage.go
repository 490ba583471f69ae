package social

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
)

// Between Earshot and a network stand programs that answer in its place: a bot
// check (Cloudflare's and others'), a firewall, a login page of the hosting's
// network. They send a page for people, with a status that the network itself
// would mean otherwise: 403 is no question for a token then.

// maxLooked bounds what is searched of an answer for the words of such pages.
const maxLooked = 64 << 10

var (
	pageStart = regexp.MustCompile(`(?i)^[\s\x{feff}]*<(?:!doctype html|!--|\?xml|html|head|body|script|meta|title)\b`)
	// blockWords are of the pages of bot checks, firewalls and networks that ask
	// for a login.
	blockWords = regexp.MustCompile(`(?i)\bcf-chl|challenge-platform|\bcf-error|just a moment\.\.\.|attention required|checking (?:your|if the site) |verify(?:ing)? (?:that )?you are (?:a )?human|are you (?:a )?human|captcha|ddos[- ]protection|access denied|request (?:was )?(?:blocked|rejected)|you have been blocked|_incapsula_|incapsula|\bsucuri|datadome|perimeterx|\bakamai|security check|web ?filter|fortiguard|fortigate|zscaler|captive[ _-]?portal|hotspot|(?:wi-?fi|network) (?:login|log in|sign in|authentication)|log in to (?:the|this) network`)
)

// isPage reports whether an answer is one for people rather than data.
func isPage(h http.Header, body []byte) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "text/html", "application/xhtml+xml":
		return len(bytes.TrimSpace(body)) == 0 || bytes.IndexByte([]byte("{["), bytes.TrimSpace(body)[0]) < 0
	}
	return pageStart.Match(body[:min(len(body), 512)])
}

// isBlockPage reports whether an answer to a question for asked comes from
// somebody in between. A network's own pages of faults and of too many requests
// are none.
func isBlockPage(resp *http.Response, asked string, body []byte) bool {
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired || resp.Header.Get("Cf-Mitigated") != "" {
		return true
	}
	if !isPage(resp.Header, body) {
		return false
	}
	return resp.StatusCode == http.StatusForbidden ||
		resp.Request != nil && resp.Request.URL.Host != asked || // sent elsewhere, to a page
		blockWords.Match(body[:min(len(body), maxLooked)])
}
