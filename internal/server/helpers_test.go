package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/imports"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Who signs in in tests.
const (
	ownerEmail    = "ada@example.com"
	ownerPassword = "three words together"
)

// rig is a server on a port of this machine, over a real store.
type rig struct {
	t      testing.TB
	store  *meta.Store
	server *Server
	url    string       // the server's address, with the path of its public one
	root   string       // that path
	now    time.Time    // the server's clock; zero = the real time
	slow   atomic.Int64 // time.Duration for which an answer waits
	asked  atomic.Int64 // number of requests begun
	narrow atomic.Bool  // new connections have small buffers
}

// newRig starts a server; change alters its dependencies.
func newRig(t testing.TB, change func(*Deps)) *rig {
	t.Helper()
	store, err := meta.Open(filepath.Join(t.TempDir(), meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	r := &rig{t: t, store: store}
	d := Deps{
		Meta: store, Sessions: store.Sessions(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Networks: []Network{
			{Key: "mastodon", Name: "Mastodon", Example: "@alice@example.social", TakesURL: true},
			{Key: "bluesky", Name: "Bluesky", Example: "alice.bsky.social"},
			{Key: "youtube", Name: "YouTube", Example: "@alice", TakesKey: true, NeedsKey: true,
				KeyName: text.Text{EN: "API key", FR: "Clé d’API"}, KeyHelp: text.Text{EN: "From the console.", FR: "Depuis la console."},
				RoundedBy: text.Text{EN: "YouTube rounds.", FR: "YouTube arrondit."}},
		},
		Prober: fakeProber{}, Importer: fakeImporter{},
		Now: func() time.Time {
			if r.now.IsZero() {
				return time.Now()
			}
			return r.now
		},
	}
	if change != nil {
		change(&d)
	}
	if r.server, err = New(d); err != nil {
		t.Fatal(err)
	}
	handler := r.server.Handler()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.asked.Add(1)
		time.Sleep(time.Duration(r.slow.Load()))
		d.BaseURL.Strip(req)
		handler.ServeHTTP(w, req)
	}))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if tcp, ok := c.(*net.TCPConn); ok && r.narrow.Load() {
			_ = tcp.SetWriteBuffer(4 << 10) // best effort
		}
		return ctx
	}
	s.Start()
	t.Cleanup(s.Close)
	r.root = d.BaseURL.Path()
	r.url = s.URL + r.root
	return r
}

// owner makes the owner's account.
func (r *rig) owner() meta.User {
	r.t.Helper()
	u, err := r.store.AddFirst(r.t.Context(), meta.User{Email: ownerEmail, Name: "Ada"}, ownerPassword)
	if err != nil {
		r.t.Fatal(err)
	}
	return u
}

func (r *rig) site(site meta.Site) meta.Site {
	r.t.Helper()
	site, err := r.store.AddSite(r.t.Context(), site)
	if err != nil {
		r.t.Fatal(err)
	}
	return site
}

// client is a browser without a screen: it keeps cookies and doesn't follow
// redirects.
type client struct {
	*rig
	http   *http.Client
	header http.Header
}

func (r *rig) client() *client {
	jar, _ := cookiejar.New(nil)
	return &client{r, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, http.Header{}}
}

// signedIn is a client of the owner, who is made if need be.
func (r *rig) signedIn() *client {
	r.t.Helper()
	c := r.client()
	if n, err := r.store.CountUsers(r.t.Context()); err != nil {
		r.t.Fatal(err)
	} else if n == 0 {
		r.owner()
	}
	if a := c.post("/login", "email", ownerEmail, "password", ownerPassword); a.status != http.StatusSeeOther {
		r.t.Fatalf("login answers %d: %s", a.status, a.body)
	}
	return c
}

type answer struct {
	status int
	body   string
	header http.Header
	root   string // of the rig
}

func (a answer) location() string { return a.header.Get("Location") }

func (c *client) do(method, path string, body io.Reader, header http.Header) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, h := range []http.Header{c.header, header} {
		for k, v := range h {
			req.Header[k] = v
		}
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{res.StatusCode, string(text), res.Header, c.root}
}

func (c *client) get(path string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, path, nil, nil)
}

// post sends a form of name and value pairs, as this app's own page would.
func (c *client) post(path string, pairs ...string) answer {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, strings.NewReader(v.Encode()), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Sec-Fetch-Site": {"same-origin"},
	})
}

type fakeProber struct{}

func (fakeProber) Probe(_ context.Context, a meta.Account) (ProbeResult, error) {
	switch {
	case strings.Contains(a.Handle, "gone"):
		return ProbeResult{}, errors.New("not_found")
	case strings.Contains(a.Handle, "<"):
		return ProbeResult{}, &meta.InvalidError{Field: "handle", Reason: meta.ReasonFormat, Message: a.Handle}
	case a.Secret == "once":
		return ProbeResult{Followers: 1234, Secret: "renewed"}, nil
	}
	return ProbeResult{Followers: 1234, Rounded: a.Network == "youtube"}, nil
}

// fakeImporter previews files and stores nothing.
type fakeImporter struct{}

func (fakeImporter) Preview(_ context.Context, _ meta.Site, f imports.File) (*imports.Preview, error) {
	text, err := io.ReadAll(f.Content)
	if err != nil {
		return nil, err
	}
	p := &imports.Preview{Kind: event.Followers.Name, Name: f.Name, New: strings.Count(string(text), "\n") - 1, Changed: 1}
	if strings.Contains(string(text), "bad") {
		p.Errors = []imports.LineError{{Line: 3, Column: "published", Key: "date", Text: "<script>alert(1)</script>"}, {Line: 4, Key: "figures"}}
	}
	if p.New > 0 {
		p.ID = 7
		p.Accounts = []imports.PreviewAccount{{Network: "mastodon", Account: "<img src=x>@alice", New: p.New, From: time.Unix(0, 0), To: time.Unix(1e9, 0), Sized: true, First: 10, Last: 1200}}
	}
	for range strings.Count(string(text), "many") {
		p.Accounts = append(p.Accounts, p.Accounts[0])
	}
	if strings.Contains(string(text), "post,") {
		p.Kind = event.Posts.Name
		p.Accounts = []imports.PreviewAccount{{Network: "mastodon", Account: "<img src=x>@alice", New: p.New, From: time.Unix(0, 0), To: time.Unix(1e9, 0), Items: 31}}
	}
	if strings.HasPrefix(string(text), "date,open") || f.Answers.Sum { // a file that raises every possible question
		p.File, p.Days, p.LeftOut = 5, f.Answers.Sum, []string{"<b>rate</b>"}
		p.Times = []imports.WrittenTime{{Line: 2, Text: "<b>01/31/2026 14:30</b>", At: time.Date(2026, 1, 31, 22, 30, 0, 0, time.UTC)}}
		p.Questions = []imports.Question{
			{Key: imports.AskZone, Value: "America/Los_Angeles", Why: []imports.Saying{{Key: "meta"}, {Key: "ids", N: 2, M: 3}}},
			{Key: imports.AskYear, Value: "2026", Choices: []imports.Choice{{Value: "2026"}, {Value: "2025"}}},
			{Key: imports.AskSum, Column: "<b>Content</b>"},
		}
		if f.Answers.Sum {
			p.Questions[2].Value = "yes"
		} else {
			p.ID = 0
			p.Questions = append(p.Questions,
				imports.Question{Key: imports.AskDecimal, Open: true, Line: 2, Column: "Views", Text: "<b>1.777</b>", Choices: []imports.Choice{{Value: imports.DecimalComma, Reads: "1777", Says: []imports.Saying{{Key: "points", A: "31.01.2026"}, {Key: "semicolons"}}}, {Value: imports.DecimalPoint, Reads: "1.777", Says: []imports.Saying{{Key: "commas"}}}}},
				imports.Question{Key: imports.AskDates, Open: true, Line: 2, Column: "Date", Text: "01/02/2026", Choices: []imports.Choice{{Value: imports.DayFirst, Reads: "2026-02-01"}, {Value: imports.MonthFirst, Reads: "2026-01-02"}}},
				imports.Question{Key: imports.AskAccount, Open: true, Line: 3, Text: "<b>bob</b>", Choices: []imports.Choice{{Value: "<b>bob</b>", Says: []imports.Saying{{Key: "posts", N: 1}}}, {Value: imports.AllAccounts}}})
		}
		return p, nil
	}
	if f.Kind == event.Insights.Name {
		p.Kind = f.Kind
		p.Accounts = []imports.PreviewAccount{{Network: f.Network, Account: f.Account, Insight: "reach", New: p.New, From: time.Unix(0, 0), To: time.Unix(1e9, 0), Sized: true, First: 0.5, Last: 1200}}
	}
	return p, nil
}

func (i fakeImporter) Again(ctx context.Context, site meta.Site, id int64, f imports.File) (*imports.Preview, error) {
	if id != 5 {
		return nil, meta.ErrNotFound
	}
	f.Name, f.Content = "<b>again</b>.csv", strings.NewReader("date,network\n1\n2\n")
	return i.Preview(ctx, site, f)
}

func (fakeImporter) Apply(_ context.Context, _ meta.Site, id int64) (int, error) {
	if id != 7 {
		return 0, imports.ErrGone
	}
	return 3, nil
}

func (fakeImporter) Undo(context.Context, meta.Site, int64) error { return nil }

func (fakeImporter) Imports(context.Context, meta.Site) ([]meta.Import, error) {
	return []meta.Import{
		{ID: 10, Kind: event.Posts.Name, Name: "posts.csv", Readings: 31, Created: time.Now(), Done: time.Now()},
		{ID: 9, Kind: event.Followers.Name, Name: "<b>begun</b>.csv", Readings: 5, Created: time.Now()},
		{ID: 8, Kind: event.Followers.Name, Name: "last.csv", Readings: 1234, Created: time.Now(), Done: time.Now()},
		{ID: 6, Kind: event.Followers.Name, Name: "first.csv", Readings: 12, Created: time.Now(), Done: time.Now(), Undone: time.Now()},
	}, nil
}

func (fakeImporter) Export(_ context.Context, _ meta.Site, kind string, w io.Writer) error {
	_, err := io.WriteString(w, "date,network,account,"+kind+"\r\n")
	return err
}

type fakeHealth []Part

func (h fakeHealth) Health(context.Context) []Part { return h }
