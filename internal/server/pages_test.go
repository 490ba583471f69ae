package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/install"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/text"
)

// hostile is a name that somebody gave to break a page.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'{{.}}`

// TestHostileTexts puts hostile text wherever a page shows what came from
// outside, and looks at what a browser would make of each page, in both
// languages.
func TestHostileTexts(t *testing.T) {
	r := newRig(t, func(d *Deps) {
		d.BaseURL = baseurl.MustParse("http://blog.example/stats") // with a path, so that inspect finds links that lack it
		d.Version = hostile
		d.Health = fakeHealth{{Name: "engine", State: PartFailing, Waiting: 3, Detail: hostile, Since: time.Now()}}
		d.Checker = fakeChecker(func(string) []install.Finding {
			return []install.Finding{{Level: install.Bad, Key: "other_site", What: hostile}}
		})
	})
	u := r.owner()
	u.Name = hostile
	if err := r.store.UpdateUser(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	site := meta.NewSite("example.com")
	site.Name = hostile
	site = r.site(site)
	a, err := r.store.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: hostile})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.SaveAccountState(t.Context(), a.ID, meta.AccountState{LastError: hostile, LastErrorAt: time.Now(), PostsError: hostile}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.store.AddToken(t.Context(), meta.Token{SiteID: site.ID, Name: hostile}); err != nil {
		t.Fatal(err)
	}
	if err := r.store.SaveStudies(t.Context(), site.ID, []meta.Study{{Name: hostile, CSV: []byte(studyHead), Figures: 1}}); err != nil {
		t.Fatal(err)
	}
	c, stranger := r.signedIn(), r.client()
	inURL := "?next=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
	for _, lang := range text.Locales() {
		and := "&lang=" + string(lang)
		pages := map[string]answer{
			"login":                stranger.get("/login" + inURL + and),
			"login again":          stranger.post("/login?lang="+string(lang), "email", hostile, "password", hostile, "next", hostile),
			"missing":              stranger.get("/" + strings.ReplaceAll(strings.ReplaceAll(hostile, " ", "%20"), `"`, "%22") + "?x=1" + and),
			"sites":                c.get("/" + inURL + and),
			"new site":             c.get("/sites/new" + inURL + and),
			"bad site":             c.post("/sites/new?lang="+string(lang), "domain", hostile, "name", hostile, "timezone", hostile),
			"general":              c.get("/example.com/settings" + inURL + and),
			"bad general":          c.post("/example.com/settings?lang="+string(lang), "name", hostile, "timezone", hostile, "share_param", hostile),
			"snippet":              c.get("/example.com/settings/snippet" + inURL + and),
			"checked":              c.post("/example.com/settings/snippet?lang="+string(lang), "page", "https://example.com/"+hostile),
			"accounts":             c.get("/example.com/settings/accounts" + inURL + and),
			"bad account":          c.post("/example.com/settings/accounts?lang="+string(lang), "network", "mastodon", "handle", hostile, "base_url", hostile),
			"accounts of YouTube":  c.get("/example.com/settings/accounts?network=youtube&" + strings.TrimPrefix(inURL, "?") + and),
			"new probe":            c.post("/example.com/settings/accounts?lang="+string(lang), "network", "youtube", "handle", "@a", "password_key", "k", "do", "probe"),
			"bad new probe":        c.post("/example.com/settings/accounts?lang="+string(lang), "network", "youtube", "handle", hostile, "password_key", hostile, "do", "probe"),
			"probe":                c.post("/example.com/settings/accounts/"+strconv.FormatInt(a.ID, 10)+"?lang="+string(lang), "do", "probe"),
			"import":               c.get("/example.com/settings/import" + inURL + and),
			"imported":             upload(c, "/example.com/settings/import?lang="+string(lang), "date,network,account,followers\nbad\n2\n"),
			"posts imported":       upload(c, "/example.com/settings/import?lang="+string(lang), "date,network,account,post,likes\nbad\n2\n"),
			"insights imported":    upload(c, "/example.com/settings/import?lang="+string(lang), "date,reach\n1\n2\n", "kind", "insights", "network", "x", "account", "a"),
			"import asks":          upload(c, "/example.com/settings/import?lang="+string(lang), "date,open\n1\n"),
			"import answered":      c.post("/example.com/settings/import?lang="+string(lang), "again", "5", "sum", "yes", "zone", "UTC", "dates", "day", "whose", hostile, "network", hostile),
			"not imported":         upload(c, "/example.com/settings/import?lang="+string(lang), hostile),
			"studies":              c.get("/example.com/settings/studies" + inURL + and),
			"not a study":          upload(c, "/example.com/settings/studies?lang="+string(lang), studyHead+"A,B,c,world,,<script>alert(1)</script>,4,percent,false\n"),
			"tokens":               c.get("/example.com/settings/tokens" + inURL + and),
			"bad token":            c.post("/example.com/settings/tokens?lang="+string(lang), "kind", hostile, "name", hostile),
			"remove":               c.get("/example.com/settings/remove" + inURL + and),
			"not removed":          c.post("/example.com/settings/remove?lang="+string(lang), "confirm", hostile),
			"account":              c.get("/account" + inURL + and),
			"bad account settings": c.post("/account?lang="+string(lang), "email", hostile, "name", hostile, "locale", hostile, "theme", hostile),
			"bad password":         c.post("/account/password?lang="+string(lang), "password_now", hostile, "password", hostile),
			"status":               c.get("/status" + inURL + and),
		}
		for name, page := range pages {
			t.Run(string(lang)+" "+name, func(t *testing.T) { inspect(t, page, lang) })
		}
	}
}

// inspect parses a page as a browser does and finds scripts, handlers, inline
// styles, links that run code, strings that are missing, and the wrong language.
func inspect(t *testing.T, page answer, lang text.Locale) {
	t.Helper()
	if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.HasSuffix(strings.TrimSpace(page.body), "</html>") {
		t.Fatalf("answers %d with %s: %.200s", page.status, page.header.Get("Content-Type"), page.body)
	}
	if cache := page.header.Get("Cache-Control"); strings.Contains(page.body, `/logout"`) && cache != "no-store" {
		t.Errorf("a user's page has Cache-Control: %s", cache)
	}
	if strings.Contains(page.body, "⟦") {
		_, rest, _ := strings.Cut(page.body, "⟦")
		t.Errorf("string missing: %.40s", rest)
	}
	if strings.Contains(page.body, "ZgotmplZ") {
		t.Error("a value stands where it may not")
	}
	doc, err := html.Parse(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && lang == text.French {
			unbroken(t, "the page", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if n.FirstChild != nil {
				t.Errorf("inline script: %s", n.FirstChild.Data)
			}
		case "style":
			t.Error("inline style element")
		case "html":
			if attr(n, "lang") != string(lang) {
				t.Errorf("the page is in %q", attr(n, "lang"))
			}
		case "img", "iframe":
			t.Errorf("an element <%s> that no template has", n.Data)
		case "form":
			if m := attr(n, "method"); m != "post" && m != "dialog" && m != "get" {
				t.Errorf("a form with method %q", m)
			}
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(a.Val, page.root+"/") && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s %s=%q> leads away", n.Data, a.Key, a.Val)
			}
			if a.Key == "id" {
				if ids[a.Val] {
					t.Errorf("two elements have the id %q", a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func upload(c *client, path, csv string, fields ...string) answer {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			c.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "followers.csv")
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := io.WriteString(part, csv); err != nil {
		c.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.do(http.MethodPost, path, &body, http.Header{"Content-Type": {w.FormDataContentType()}, "Sec-Fetch-Site": {"same-origin"}})
}

// TestSettings adds a site, changes each of its settings, and removes it.
func TestSettings(t *testing.T) {
	r := newRig(t, nil)
	c := r.signedIn()
	if a := c.get("/"); !strings.Contains(a.body, "/sites/new") {
		t.Error("without a site, the front page doesn't lead to a first one")
	}
	if a := c.post("/sites/new", "domain", "https://www.Blog.example/", "timezone", "Europe/Paris"); a.location() != "/blog.example/settings/snippet" {
		t.Fatalf("a new site leads to %q: %d %s", a.location(), a.status, a.body)
	}
	if a := c.post("/sites/new", "domain", "blog.example"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "already exists") {
		t.Errorf("the same site again answers %d", a.status)
	}
	want := `&lt;script defer data-site=&#34;blog.example&#34; src=&#34;` + r.url + `/js/earshot.js&#34;&gt;&lt;/script&gt;`
	if a := c.get("/blog.example/settings/snippet"); !strings.Contains(a.body, want) {
		t.Errorf("the snippet is not the one to paste: %s", a.body)
	}
	if a := c.get("/blog.example/settings/snippet/status.json"); a.body != `{"arrived":false}` {
		t.Errorf("before the first event: %s", a.body)
	}
	if a := c.post("/blog.example/settings", "name", "My blog", "timezone", "Mars/Olympus", "share_param", "es"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a time zone that isn't one answers %d", a.status)
	}
	if a := c.post("/blog.example/settings", "name", "My blog", "timezone", "America/Lima", "share_param", "via", "hash", "on",
		"page_params", "page_id, p", "search_params", "q",
		"share_bars", "on", "share_fragment", "on", "share_bar", "on", "share_copy", "count", "share_networks", "X; Mastodon"); a.status != http.StatusSeeOther {
		t.Errorf("saving answers %d", a.status)
	}
	site, err := r.store.SiteByDomain(t.Context(), "blog.example")
	if err != nil {
		t.Fatal(err)
	}
	if site.Name != "My blog" || site.Timezone != "America/Lima" || site.ShareParam != "via" || site.RespectOptOut || !site.HashMode ||
		meta.Params(site.PageParams) != "p, page_id" || meta.Params(site.SearchParams) != "q" {
		t.Errorf("saved %+v", site)
	}
	if a := c.get("/blog.example/settings"); !strings.Contains(a.body, "Saved.") || !strings.Contains(a.body, `value="America/Lima"`) {
		t.Error("the settings don't show what was saved")
	}
	if a := c.get("/blog.example/settings"); strings.Count(a.body, " checked") != 4 || !strings.Contains(a.body, `value="count" selected`) || !strings.Contains(a.body, `value="x, mastodon"`) ||
		!strings.Contains(a.body, `value="p, page_id"`) {
		t.Error("the settings don't show what was saved of sharing")
	}
	if a := c.get("/blog.example/settings"); strings.Contains(a.body, "Saved.") {
		t.Error("a toast is shown twice")
	}
	if a := c.get("/blog.example/settings/snippet"); !strings.Contains(a.body, "data-param=&#34;via&#34; data-respect=&#34;off&#34; data-hash data-place=&#34;fragment&#34; data-bar data-copy=&#34;count&#34; data-networks=&#34;x, mastodon&#34; src=&#34;"+r.url+"/js/earshot-share.js&#34;") {
		t.Error("the snippet doesn't follow the settings")
	}

	other := r.site(meta.NewSite("other.example"))
	if a := c.post("/blog.example/settings/accounts", "network", "mastodon", "handle", "@alice@example.social", "password_key", "s3cret"); a.status != http.StatusSeeOther {
		t.Fatalf("adding an account answers %d", a.status)
	}
	if a := c.post("/blog.example/settings/accounts", "network", "myspace", "handle", "tom"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown network answers %d", a.status)
	}
	accounts, err := r.store.Accounts(t.Context(), site.ID)
	if err != nil || len(accounts) != 1 {
		t.Fatalf("accounts %v, %v", accounts, err)
	}
	path := "/settings/accounts/" + strconv.FormatInt(accounts[0].ID, 10)
	if a := c.post("/"+other.Domain+path, "do", "remove"); a.status != http.StatusNotFound {
		t.Errorf("another site's page removes the account: %d", a.status)
	}
	if a := c.post("/blog.example"+path, "do", "probe"); !strings.Contains(a.body, "1,234 followers") {
		t.Errorf("the test says %s", a.body)
	}
	if err := r.store.SaveAccountState(t.Context(), accounts[0].ID, meta.AccountState{LastError: "unreachable", LastErrorAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if a := c.get("/blog.example/settings/accounts?lang=fr"); !strings.Contains(a.body, "ne répond pas") {
		t.Error("the last error is not said in plain words")
	}
	if err := r.store.SaveAccountState(t.Context(), accounts[0].ID, meta.AccountState{LastReadingAt: time.Now(), PostsError: "unauthorized"}); err != nil {
		t.Fatal(err)
	}
	if a := c.get("/blog.example/settings/accounts?lang=en"); !strings.Contains(a.body, "The posts could not be read: The key does not allow it.") || !strings.Contains(a.body, "badge-good") {
		t.Error("what is wrong with the posts is not said, or is taken for the followers'")
	}
	if a := c.get("/blog.example/settings/accounts"); strings.Contains(a.body, "s3cret") {
		t.Error("an account's key is shown")
	}
	for _, do := range []string{"pause", "resume", "remove"} {
		if a := c.post("/blog.example"+path, "do", do); a.status != http.StatusSeeOther {
			t.Errorf("%s answers %d", do, a.status)
		}
	}
	if a := c.post("/blog.example"+path, "do", "remove"); a.status != http.StatusNotFound {
		t.Errorf("removing twice answers %d", a.status)
	}

	a := c.post("/blog.example/settings/tokens", "name", "sheet", "kind", "stats")
	_, rest, _ := strings.Cut(a.body, `id="token" tabindex="0">`)
	plain, _, _ := strings.Cut(rest, "<")
	if token, err := r.store.TokenByPlain(t.Context(), plain); err != nil || token.SiteID != site.ID || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("token %q: %v, %v", plain, token, err)
	}
	if a := c.get("/blog.example/settings/tokens"); strings.Contains(a.body, plain) {
		t.Error("a token is shown twice")
	}
	for day, says := range map[string]string{"2020-01-31": "That day has passed", "soon": "Give a day"} {
		if a := c.post("/blog.example/settings/tokens", "name", "sheet", "kind", "stats", "expires", day); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, says) {
			t.Errorf("a token until %s answers %d", day, a.status)
		}
	}
	tomorrow := time.Now().UTC().Add(24 * time.Hour)
	c.post("/blog.example/settings/tokens", "name", "short", "kind", "stats", "expires", tomorrow.Format(time.DateOnly))
	if a := c.get("/blog.example/settings/tokens"); !strings.Contains(a.body, r.server.strings.Printer(text.English).Date(tomorrow)) || !strings.Contains(a.body, "Never") || strings.Contains(a.body, "Expired") {
		t.Error("the tokens' last days are not shown")
	}
	r.now = tomorrow.Add(2 * 24 * time.Hour)
	if a := c.get("/blog.example/settings/tokens"); !strings.Contains(a.body, "Expired") {
		t.Error("a token that is over is not told")
	}
	r.now = time.Time{}

	tokens, err := r.store.Tokens(t.Context(), site.ID)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.post("/blog.example/settings/tokens/" + strconv.FormatInt(tokens[0].ID, 10) + "/remove"); a.status != http.StatusSeeOther {
		t.Errorf("revoking answers %d", a.status)
	}
	if _, err := r.store.TokenByPlain(t.Context(), plain); err == nil {
		t.Error("a revoked token still works")
	}

	if a := upload(c, "/blog.example/settings/import", "date,network\n1\n2\n3\n"); !strings.Contains(a.body, "3 new readings.") || !strings.Contains(a.body, `action="/blog.example/settings/import/7"`) {
		t.Errorf("the preview says %s", a.body)
	}
	if a := c.post("/blog.example/settings/import/7", "do", "apply"); a.status != http.StatusSeeOther {
		t.Errorf("importing answers %d", a.status)
	}
	if a := c.get("/blog.example/settings/import"); !strings.Contains(a.body, "3 readings imported.") || !strings.Contains(a.body, "1,234") || !strings.Contains(a.body, "undone") {
		t.Errorf("after the import the page says %s", a.body)
	}
	if a := c.post("/blog.example/settings/import/5", "do", "apply"); a.status != http.StatusSeeOther {
		t.Errorf("importing twice answers %d", a.status)
	}
	if a := c.post("/blog.example/settings/import/8", "do", "undo"); a.status != http.StatusSeeOther {
		t.Errorf("undoing answers %d", a.status)
	}
	for _, kind := range imports.Kinds() {
		path := "/blog.example/settings/import/" + kind + ".csv"
		if a := c.get(path); a.status != http.StatusOK || !strings.Contains(a.header.Get("Content-Disposition"), "blog.example-"+kind+".csv") || !strings.Contains(a.body, kind) {
			t.Errorf("the export answers %d %v %s", a.status, a.header, a.body)
		}
		if a := r.client().get(path); a.status == http.StatusOK {
			t.Error("a stranger gets the export")
		}
	}
	if a := upload(c, "/blog.example/settings/import", "date,network\nbad\n"); !strings.Contains(a.body, "2 lines are not valid") || !strings.Contains(a.body, "Not a date") || !strings.Contains(a.body, "<code>published</code>") {
		t.Errorf("the import of a bad line says %s", a.body)
	}
	if a := upload(c, "/blog.example/settings/import", "date,network,account,post,likes\n1\n2\n"); !strings.Contains(a.body, "31") || strings.Contains(a.body, "1,200") {
		t.Errorf("the preview of posts says %s", a.body)
	}
	if a := upload(c, "/blog.example/settings/import", "date\n"+strings.Repeat("many\n", 1500)); strings.Count(a.body, "&gt;@alice") != 200 || !strings.Contains(a.body, "and 1,301 more") {
		t.Errorf("the preview of a file of many accounts lists %d", strings.Count(a.body, "&gt;@alice"))
	}
	insights := []string{"kind", "insights", "network", "linkedin", "account", " <b>12</b> "}
	if a := upload(c, "/blog.example/settings/import?lang=fr", "date,reach\n1\n2\n", insights...); !strings.Contains(a.body, "&lt;b&gt;12&lt;/b&gt;<") || !strings.Contains(a.body, "Portée") || !strings.Contains(a.body, "0,5 →") {
		t.Errorf("the preview of a network's statistics says %s", a.body)
	}
	a = upload(c, "/blog.example/settings/import", "date,open\n1\n", "network", "x", "account", "alice")
	for _, want := range []string{"Nothing can be imported before this is answered", `name="again" value="5"`, `name="account" value="alice"`, `type="radio" id="q-decimal-0" name="decimal" value="comma" required`,
		"Dates have points, as in 31.01.2026.", `name="dates" value="month"`, `name="whose" value="*"`, `list="timezones" value="America/Los_Angeles"`, "The IDs of 2 of 3 posts agree.", `<option value="2026" selected>`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page doesn't ask: %s", want)
		}
	}
	if strings.Contains(a.body, `button-primary" name="do" value="apply"`) || strings.Contains(a.body, `id="times"`) {
		t.Error("an open question, and a button to import")
	}
	a = c.post("/blog.example/settings/import?lang=fr", "again", "5", "sum", "yes", "decimal", "comma", "zone", "America/Los_Angeles")
	for _, want := range []string{`name="sum" value="yes" checked`, `type="hidden" name="decimal" value="comma"`, "&lt;b&gt;01/31/2026 14:30&lt;/b&gt;", "Ces chiffres ne s’additionnent pas"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page doesn't show what was answered: %s", want)
		}
	}
	if a := c.post("/blog.example/settings/import", "again", "6"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "choose it again") {
		t.Errorf("a file that is gone: %d", a.status)
	}
	if a := c.post("/blog.example/settings/import", "again", "x"); a.status != http.StatusBadRequest {
		t.Errorf("no file: %d", a.status)
	}
	if a := upload(c, "/blog.example/settings/import", "date\n", "kind", "wishes"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown kind of file answers %d", a.status)
	}
	if a := c.post("/blog.example/settings/remove", "confirm", "blog"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("half a name removes the site: %d", a.status)
	}
	if a := c.post("/blog.example/settings/remove", "confirm", "Blog.example"); a.location() != "/" {
		t.Errorf("removing leads to %q", a.location())
	}
	if a := c.get("/blog.example/settings"); a.status != http.StatusNotFound {
		t.Errorf("the removed site answers %d", a.status)
	}
}

// TestLanguageAndTheme: a language in the URL has priority and is kept in links,
// then comes the user's setting, then the browser's Accept-Language. A stranger's
// theme is in a cookie.
func TestLanguageAndTheme(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	c := r.client()
	if a := c.do(http.MethodGet, "/login", nil, http.Header{"Accept-Language": {"fr-CA,fr;q=0.9,en;q=0.5"}}); !strings.Contains(a.body, `<html lang="fr">`) {
		t.Error("a French browser gets no French")
	}
	if a := c.get("/login?lang=fr"); !strings.Contains(a.body, `action="/login?lang=fr"`) || !strings.Contains(a.body, `href="/?lang=fr"`) {
		t.Error("links drop the language of the URL")
	}
	if a := c.get("/account?lang=fr"); a.location() != "/login?lang=fr&next=%2Faccount%3Flang%3Dfr" {
		t.Errorf("the way to the login drops the language: %q", a.location())
	}
	a := c.post("/preferences", "theme", "dark", "next", "/login?x=1")
	if cookie, err := http.ParseSetCookie(a.header.Get("Set-Cookie")); err != nil || cookie.Value != "dark" || a.location() != "/login?x=1" {
		t.Errorf("the theme's cookie is %v, %v, and leads to %q", cookie, err, a.location())
	}
	if a := c.get("/login"); !strings.Contains(a.body, `data-theme="dark"`) {
		t.Error("a stranger's theme is not kept")
	}
	if a := c.post("/preferences", "theme", "auto", "next", "//evil.example"); a.location() != "/" {
		t.Errorf("the theme's form leads to %q", a.location())
	}
	if a := c.get("/login"); strings.Contains(a.body, "data-theme") {
		t.Error("the theme can't be given back to the system")
	}

	u := r.signedIn()
	if a := u.post("/account", "email", ownerEmail, "name", "Ada", "locale", "fr", "theme", "light"); a.status != http.StatusSeeOther {
		t.Fatalf("saving answers %d", a.status)
	}
	if a := u.get("/account"); !strings.Contains(a.body, `<html lang="fr" data-theme="light">`) || !strings.Contains(a.body, "Enregistré") {
		t.Error("a user's settings are not followed")
	}
	if a := u.get("/account?lang=en"); !strings.Contains(a.body, `<html lang="en"`) {
		t.Error("the URL's language doesn't win")
	}
}

func TestHealthz(t *testing.T) {
	tests := []struct {
		name string
		part Part
		code int
		want string
	}{
		{"ready", Part{Name: "engine", State: PartOK}, 200, `{"status":"ready","reasons":[]}`},
		{"behind", Part{Name: "writer", State: PartBusy}, 200, `"status":"degraded"`},
		{"starting", Part{Name: "engine", State: PartStarting}, 503, `"status":"starting"`},
		{"failing", Part{Name: "engine", State: PartFailing, Detail: "password=hunter2"}, 503, `"engine failing"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(d *Deps) { d.Health = fakeHealth{tt.part} })
			a := r.client().get("/healthz")
			if a.status != tt.code || !strings.Contains(a.body, tt.want) {
				t.Errorf("answers %d %s", a.status, a.body)
			}
			if strings.Contains(a.body, "hunter2") {
				t.Error("a stranger sees the cause")
			}
		})
	}
}

// TestErrors: people get a page, scripts get JSON, both with the request's id.
func TestErrors(t *testing.T) {
	r := newRig(t, nil)
	r.owner()
	c := r.client()
	a := c.get("/no/such/page/here")
	if a.status != http.StatusNotFound || !strings.Contains(a.body, a.header.Get("X-Request-Id")) || !strings.Contains(a.body, "Nothing here") {
		t.Errorf("a missing page answers %d", a.status)
	}
	a = c.get("/api/v9/nothing")
	if a.status != http.StatusNotFound || !strings.Contains(a.body, `"request":"`+a.header.Get("X-Request-Id")+`"`) {
		t.Errorf("a missing API answers %d %s", a.status, a.body)
	}
	if a := c.do("DELETE", "/login", nil, nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("DELETE answers %d", a.status)
	}
	if a := c.post("/login", "email", strings.Repeat("x", maxForm)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form answers %d", a.status)
	}
	// If the store fails, the user gets a sentence, and the page has no cause.
	r.store.Close()
	if a := c.get("/login"); a.status != http.StatusInternalServerError || strings.Contains(a.body, "sql") {
		t.Errorf("a broken store answers %d %s", a.status, a.body)
	}
}

// refusing is a database that gives no answers.
type refusing struct{ err error }

func (r refusing) Select(context.Context, string, []rows.Arg, func(*rows.Row) error) error {
	return r.err
}

// The error for too expensive a query says what to do about it.
func TestTooLarge(t *testing.T) {
	for _, err := range []error{rows.ErrMemory, context.DeadlineExceeded} {
		r := newRig(t, func(d *Deps) { d.Runner = refusing{fmt.Errorf("query: %w", err)} })
		site := meta.NewSite("demo.example")
		site.Demo = true
		r.site(site)
		for lang, want := range map[string]string{"en": "shorter period", "fr": "période plus courte"} {
			if a := r.client().get("/demo.example/overview/pages.json?lang=" + lang); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, want) {
				t.Errorf("%v: %d %s", err, a.status, a.body)
			}
		}
	}
}
