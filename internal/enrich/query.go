package enrich

import (
	"net/url"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

// What of an address' query belongs to the page. A page has one form, however
// its address was written:
//
//   - Parameters that the site names are part of the page, in the order of
//     their names, decoded but for what means something in a query. Of several
//     of one name the last counts, as in PHP; one without a value is none.
//   - A search is one page for all words: the name of its parameter alone.
//   - Everything else goes.

// maxWords is how many bytes of a search's words are kept.
const maxWords = 200

// pageQuery is what of a query is part of the page, in at most limit bytes:
// "?p=4", "" where nothing is. Where it is a search, words are what was
// searched for.
func pageQuery(raw string, r event.PageRules, limit int) (query, words string, search bool) {
	if raw == "" {
		return "", "", false
	}
	var found [event.MaxParams]string // by place in PageParams
	var some bool
	var by string
	for part := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(part, "=")
		key = decode(key)
		if slices.Contains(r.SearchParams, key) {
			by, search = key, true
			words = cleanText(strings.Join(strings.Fields(decode(value)), " "), maxWords)
		} else if at := slices.Index(r.PageParams, key); at >= 0 && at < len(found) {
			if found[at] = cleanText(decode(value), event.MaxURL); found[at] != "" {
				some = true
			}
		}
	}
	switch {
	case search:
		return "?" + inQuery.Replace(by), words, true
	case !some:
		return "", "", false
	}
	parts := make([]string, 0, len(r.PageParams))
	for i, value := range found[:min(len(r.PageParams), len(found))] {
		if value != "" {
			parts = append(parts, inQuery.Replace(r.PageParams[i])+"="+inQuery.Replace(value))
		}
	}
	slices.Sort(parts)
	return cutQuery("?"+strings.Join(parts, "&"), limit), "", false
}

// cutQuery leaves no half of an escape behind.
func cutQuery(query string, limit int) string {
	if len(query) <= limit {
		return query
	}
	query = query[:max(limit, 0)]
	if at := strings.LastIndexByte(query, '%'); at >= 0 && at > len(query)-3 {
		query = query[:at]
	}
	return query
}

// inQuery escapes what means something in a query.
var inQuery = strings.NewReplacer("%", "%25", "&", "%26", "#", "%23", "+", "%2B")

// decode undoes a query's escapes; what is none stays as it is, as browsers
// and servers have it.
func decode(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// undoEscapes takes an "&" that was escaped once too often for what it was:
// "?p=4&amp;es=…", "?p=4&#038;es=…" as HTML has it, and "?p=4%26es=…" where a
// share ID follows.
func undoEscapes(u *url.URL, shareParam string) {
	if frag := u.EscapedFragment(); frag != "" && strings.HasSuffix(u.RawQuery, "&") {
		for _, ref := range [...]string{"038;", "38;", "x26;"} { // the "#" of "&#038;" began the fragment
			if rest, ok := strings.CutPrefix(frag, ref); ok {
				query, frag, _ := strings.Cut(rest, "#")
				u.RawQuery += query
				u.Fragment, u.RawFragment = "", ""
				if frag != "" {
					setFragment(u, frag)
				}
				break
			}
		}
	}
	for was := ""; was != u.RawQuery && strings.Contains(u.RawQuery, "amp;"); { // each turn undoes one escape
		was = u.RawQuery
		u.RawQuery = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(was, "amp;"), "&amp;", "&"), "%26amp;", "%26")
	}
	if !strings.Contains(u.RawQuery, "%26") {
		return
	}
	if shareParam == "" {
		shareParam = DefaultShareParam
	}
	for _, is := range [...]string{"=", "%3D", "%3d"} {
		for from := 0; ; {
			at := strings.Index(u.RawQuery[from:], "%26"+shareParam+is)
			if at < 0 {
				break
			}
			from += at
			value := u.RawQuery[from+len("%26"+shareParam+is):]
			if end := strings.IndexAny(value, "&%"); end >= 0 {
				value = value[:end]
			}
			if _, ok := via(value); ok {
				rest := strings.TrimPrefix(u.RawQuery[from+len("%26"+shareParam+is)+len(value):], "%26")
				u.RawQuery = u.RawQuery[:from] + "&" + shareParam + "=" + value + "&" + strings.TrimPrefix(rest, "&")
				u.RawQuery = strings.TrimSuffix(u.RawQuery, "&")
			}
			from++
		}
	}
}

// withoutCommentPage takes off where WordPress has a post's older comments:
// /post/comment-page-2/ is /post/.
func withoutCommentPage(path string) string { return withoutNumber(path, "comment-page-") }

// withoutNumber takes a last part of the path off that is before and digits.
func withoutNumber(path, before string) string {
	at := strings.LastIndex(path, "/"+before)
	if at < 0 {
		return path
	}
	digits, slash := strings.CutSuffix(path[at+1+len(before):], "/")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return path
	}
	if slash || at == 0 {
		at++
	}
	return path[:at]
}
