package server

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// raw sends a request line as it is, which net/http's client would tidy up.
func (c *client) raw(line string, header ...string) answer {
	c.t.Helper()
	u, err := url.Parse(c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: stats.example\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n", line, strings.Join(append(header, ""), "\r\n"))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		c.t.Fatalf("%q: %v", line, err)
	}
	defer res.Body.Close()
	return answer{res.StatusCode, "", res.Header, c.root}
}

// leaves reports whether a browser would leave this server, or the path root on it.
// It parses the address as browsers do: control characters and outer spaces are
// removed, and a backslash is a slash.
func leaves(location, root string) bool {
	location = strings.Map(func(r rune) rune {
		switch {
		case r == '\\':
			return '/'
		case r < ' ':
			return -1
		}
		return r
	}, strings.TrimSpace(location))
	base, err := url.Parse("http://stats.example" + root + "/some/page")
	if err != nil {
		return true
	}
	to, err := base.Parse(location)
	return err != nil || to.Host != base.Host || to.Scheme != base.Scheme || to.Path != root && !strings.HasPrefix(to.Path, root+"/")
}

// TestRedirectsStayHere: no redirect leads to another host, or out of the path of
// the public address, whatever a stranger puts into a URL.
func TestRedirectsStayHere(t *testing.T) {
	elsewhere := []string{
		"//evil.example", "//evil.example/", "///evil.example/", `/\evil.example/`, `\/evil.example/`, `\\evil.example/`, `/\/evil.example/`,
		"https://evil.example/", "https:evil.example", "https:/evil.example/", "HTTPS://evil.example", "http:evil.example/", "javascript:alert(1)", "data:text/html,x",
		"/\t/evil.example/", "\t//evil.example/", "/\n/evil.example/", "/\r\n/evil.example/", "/\x00/evil.example/", "\x1f//evil.example/", " //evil.example/", "\u00a0//evil.example/",
		"/\r\nLocation: //evil.example/", "//user@evil.example/", "/@evil.example/", "//evil.example:80/", "//[::1]/", "//evil%2eexample/", "//%65vil.example/",
		"/%2f/evil.example/", "/%2fevil.example/", "/%5cevil.example/", "/%09/evil.example/", "/%0d%0aLocation:%20//evil.example/",
		"/.//evil.example/", "/..//evil.example/", "/../evil.example/", "/%2e%2e/evil.example/", "/%2e%2e//evil.example/", "/./%2e/..//evil.example", "/a/..//evil.example/", "/a/../..//evil.example/",
		"?//evil.example/", "#//evil.example/", "", "evil.example", "/；//evil.example", "／／evil.example/", "/／evil.example/",
	}
	forged := []string{"X-Forwarded-Prefix: //evil.example", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Original-URL: //evil.example/", "X-Rewrite-URL: //evil.example/", "Forwarded: host=evil.example"}
	for _, root := range []string{"", "/stats"} {
		t.Run("at "+root+"/", func(t *testing.T) {
			r := newRig(t, func(d *Deps) {
				if root != "" {
					d.BaseURL = baseurl.MustParse("http://stats.example" + root)
				}
			})
			r.owner()
			r.site(meta.NewSite("example.com"))
			demo := meta.NewSite("demo.example")
			demo.Demo = true
			r.site(demo)
			seen := 0
			check := func(what string, a answer) {
				t.Helper()
				for _, name := range []string{"Location", "Content-Location", "Refresh"} {
					for _, to := range a.header.Values(name) {
						seen++
						if leaves(to, root) {
							t.Errorf("%s: %d, %s: %q", what, a.status, name, to)
						}
					}
				}
			}
			c := r.client()
			for _, path := range elsewhere {
				if strings.ContainsAny(path, " \r\n\x00\t\u00a0") || !strings.HasPrefix(path, "/") {
					continue // not a valid request line
				}
				for _, method := range []string{"GET", "POST"} {
					for _, prefix := range []string{"", root, root + "/demo.example", root + "/assets"} {
						for _, query := range []string{"", "?lang=fr", "?next=//evil.example/"} {
							line := method + " " + prefix + path + query
							check(line, c.raw(line, forged...))
						}
					}
				}
			}
			for _, line := range []string{"GET http://evil.example/login/", "GET http://evil.example//x/", "GET " + root + "/login/", "GET " + root + "/account?//evil.example/", "GET " + root + "/favicon.ico", "OPTIONS *"} {
				check(line, c.raw(line, forged...))
			}
			in, out := r.signedIn(), r.client()
			for i, next := range elsewhere {
				for _, lang := range []string{"", "lang=fr&"} {
					at := "?" + lang + "next=" + url.QueryEscape(next)
					check("the log-in page, for a user, "+at, in.get("/login"+at))
					check("the log-in page, "+at, out.get("/login"+at))
					check("a theme, "+at, out.post("/preferences?"+lang, "theme", "dark", "next", next))
					check("a page for users, "+at, out.get("/account"+at))
				}
				if i%6 == 0 { // comparing passwords is slow
					check("a log-in, "+next, r.client().post("/login", "email", ownerEmail, "password", ownerPassword, "next", next))
				}
			}
			if seen < 200 {
				t.Errorf("only %d redirects were looked at", seen)
			}
		})
	}
}

// TestBrowserStaysHere: the same with addresses parsed by a real browser.
func TestBrowserStaysHere(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	tab := browsertest.New(t).Tab(t)
	host := strings.TrimPrefix(r.url, "http://")
	open := func(path string) {
		t.Helper()
		tab.Open(r.url + path)
		if got := browsertest.Eval[string](tab, "location.host"); got != host {
			t.Errorf("%s leads to %s", path, got)
		}
	}
	for _, path := range []string{"//127.0.0.2:1/", `/\127.0.0.2:1/`, "/%5C127.0.0.2:1/", "/.//127.0.0.2:1/"} {
		open(path)
	}
	tab.Open(r.url + "/login?next=/account")
	signIn(tab, ownerPassword)
	tab.Wait(`location.pathname === "/account"`)
	for _, next := range []string{"//127.0.0.2:1/", `/\127.0.0.2:1/`, "/%09/127.0.0.2:1/", "http:127.0.0.2:1", "/..//127.0.0.2:1/"} {
		open("/login?next=" + url.QueryEscape(next))
		open("/login?next=" + next)
	}
}
