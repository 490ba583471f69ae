package social

import (
	"bytes"
	"mime"
	"net/http"
	"regexp"
)

// Programs between Earshot and a network sometimes answer in its place: a bot
// check (Cloudflare's and others'), a firewall, the login page of the host's
// own network. They send a page meant for people, with a status that would mean
// something else from the network: their 403 does not ask for a token.

// maxLooked bounds how much of an answer is searched for the words of such
// pages.
const maxLooked = 64 << 10

var (
	pageStart = regexp.MustCompile(`(?i)^[\s\x{feff}]*<(?:!doctype html|!--|\?xml|html|head|body|script|meta|title)\b`)
	// blockWords appear on the pages of bot checks, firewalls and captive
	// portals.
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

// isBlockPage reports whether the answer to a request sent to the host asked
// comes from a program in between. A network's own error pages and its answers
// to too many requests don't count.
func isBlockPage(resp *http.Response, asked string, body []byte) bool {
	if resp.StatusCode == http.StatusNetworkAuthenticationRequired || resp.Header.Get("Cf-Mitigated") != "" {
		return true
	}
	if !isPage(resp.Header, body) {
		return false
	}
	return resp.StatusCode == http.StatusForbidden ||
		resp.Request != nil && resp.Request.URL.Host != asked || // redirected to another host's page
		blockWords.Match(body[:min(len(body), maxLooked)])
}
