package baseurl

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	long := strings.Repeat("a", 63)
	for in, want := range map[string]string{
		"":                                 "",
		" ":                                "",
		"https://stats.example.com":        "https://stats.example.com",
		"https://stats.example.com/":       "https://stats.example.com",
		"https://stats.example.com//":      "https://stats.example.com",
		" https://stats.example.com \n":    "https://stats.example.com",
		"HTTPS://Stats.Example.COM":        "https://stats.example.com",
		"https://stats.example.com.":       "https://stats.example.com",
		"https://stats.example.com:443":    "https://stats.example.com",
		"http://stats.example.com:80/":     "http://stats.example.com",
		"http://stats.example.com:443":     "http://stats.example.com:443",
		"https://stats.example.com:8443":   "https://stats.example.com:8443",
		"https://stats.example.com:08443":  "https://stats.example.com:8443",
		"https://stats.example.com:":       "https://stats.example.com",
		"https://x:1":                      "https://x:1",
		"https://x:65535":                  "https://x:65535",
		"http://localhost:8080":            "http://localhost:8080",
		"http://my_host":                   "http://my_host",
		"http://192.0.2.1:8080/stats":      "http://192.0.2.1:8080/stats",
		"http://[2001:DB8::1]:8080/stats":  "http://[2001:db8::1]:8080/stats",
		"https://Bücher.example/stats":     "https://xn--bcher-kva.example/stats",
		"https://БЛОГ.example":             "https://xn--90aexm.example",
		"https://xn--bcher-kva.example":    "https://xn--bcher-kva.example",
		"https://blog.example/stats":       "https://blog.example/stats",
		"https://blog.example/stats/":      "https://blog.example/stats",
		"https://blog.example/stats///":    "https://blog.example/stats",
		"https://blog.example/Stats":       "https://blog.example/Stats", // paths have a case
		"https://blog.example/a-b/c_d~e.f": "https://blog.example/a-b/c_d~e.f",
		"https://blog.example/...":         "https://blog.example/...",
		"https://" + long + ".example":     "https://" + long + ".example",
	} {
		u, err := Parse(in)
		if err != nil || u.String() != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", in, u, err, want)
		}
		if u.IsZero() != (want == "") || u.HTTPS() != strings.HasPrefix(want, "https:") || u.Origin()+u.Path() != want {
			t.Errorf("Parse(%q): %+v", in, u)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"stats.example.com":                  "must begin with http:// or https://",
		"//stats.example.com":                "must begin with",
		"/stats":                             "must begin with",
		"localhost:8080":                     "must begin with",
		"ftp://stats.example.com":            "must begin with",
		"https:stats.example.com":            "no host",
		"https://":                           "no host",
		"https:///stats":                     "no host",
		"https://.":                          "no host",
		"https://a..b":                       "no host",
		"https://a b":                        "invalid character",
		`https://a"b`:                        "no host",
		"https://a<b":                        "no host",
		"https://*.example":                  "no host",
		"https://" + strings.Repeat("a", 64): "no host",
		"https://" + strings.Repeat("a.", 127) + "a": "no host",
		"https://ü\u200e.example":                    "no host",
		"https://[fe80::1%25eth0]":                   "zone",
		"https://x:0":                                "1 to 65535",
		"https://x:65536":                            "1 to 65535",
		"https://x:http":                             "invalid port",
		"https://ada@x":                              "user name",
		"https://ada:secret@x":                       "user name",
		"https://x/stats?a=b":                        "no ?",
		"https://x/stats?":                           "no ?",
		"https://x#":                                 "no #",
		"https://x/stats#top":                        "no #",
		"https://x//stats":                           "two slashes",
		"https://x/a//b":                             "two slashes",
		"https://x/./a":                              `"."`,
		"https://x/a/..":                             `".."`,
		"https://x/%2e%2e/a":                         "a to z",
		"https://x/a%2Fb":                            "a to z",
		"https://x/a b":                              "a to z",
		"https://x/été":                              "a to z",
		`https://x/a\b`:                              "a to z",
		"https://x/a;b":                              "a to z",
		`https://x/"><script>`:                       "a to z",
		"https://x/a\x00":                            "control character",
	} {
		u, err := Parse(in)
		if err == nil || !u.IsZero() {
			t.Errorf("Parse(%q) = %q, want an error", in, u)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "give one such as https://") {
			t.Errorf("Parse(%q): %v, want %q in it", in, err, want)
		}
	}
}

func TestStrip(t *testing.T) {
	at := MustParse("https://blog.example/my/stats")
	for in, want := range map[string]string{
		"/my/stats":            "/",
		"/my/stats/":           "/",
		"/my/stats?a=b":        "/?a=b",
		"/my/stats/api/event":  "/api/event",
		"/my/stats/a%2Fb?c=d":  "/a%2Fb?c=d",
		"/my/st%61ts/login":    "/login",
		"/my/stats/my/stats/a": "/my/stats/a", // once
		"/my/statsx":           "/my/statsx",
		"/my":                  "/my",
		"/My/stats/login":      "/My/stats/login",
		"/healthz":             "/healthz",
		"/":                    "/",
	} {
		r := httptest.NewRequest(http.MethodGet, in, nil)
		at.Strip(r)
		if got := r.URL.RequestURI(); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
		none := httptest.NewRequest(http.MethodGet, in, nil)
		if (URL{}).Strip(none); none.URL.RequestURI() != in {
			t.Errorf("%s becomes %s without a base", in, none.URL.RequestURI())
		}
		if whole := at.Whole(r).URL.RequestURI(); whole != "/my/stats"+want || r.URL.RequestURI() != want {
			t.Errorf("%s is whole as %s", want, whole)
		}
	}
	if at.Link("/") != "/my/stats/" || (URL{}).Link("/a") != "/a" {
		t.Errorf("links: %s, %s", at.Link("/"), URL{}.Link("/a"))
	}
}
