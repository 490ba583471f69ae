package social

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// A file testdata/networks/<network>.json says how a network answers, as its
// documentation does, and what a reading then is. Each case lists the requests
// that are expected, in order: one that the connector doesn't make, or makes
// otherwise, fails the test.
type networkCase struct {
	Name, Handle, Secret string
	Shows                []string // of situations
	Exchange             []exchange
	Followers            uint64
	Following, Posts     *uint64
	Rounded              bool
	Renewed              string // the secret to keep
	ID                   string // the network's own of the account; "" = not looked at
	To                   string // of the problem moved
	Problem              Problem
	WaitSeconds          float64 // asked for with the answer, reading or not
}

// exchange is an expected request and the answer that it gets.
type exchange struct {
	Request string            // "GET /path?query"
	Header  map[string]string // that the request must have
	Form    string            // its body
	Status  int               // 0 = 200
	Answer  json.RawMessage   // JSON, or a string of anything
	File    string            // in testdata, in the place of Answer
	Headers map[string]string // of the answer
}

// answering serves exchanges in their order; done fails the test if some were
// never requested.
func answering(t *testing.T, list []exchange) (address string, done func()) {
	t.Helper()
	next := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if next == len(list) {
			t.Errorf("one request too many: %s %s", r.Method, r.URL)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		e := list[next]
		next++
		if got := r.Method + " " + r.URL.String(); got != e.Request {
			t.Errorf("asks %s\nwant %s", got, e.Request)
		}
		for name, want := range e.Header {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		if body, _ := io.ReadAll(r.Body); string(body) != e.Form {
			t.Errorf("sends %q, want %q", body, e.Form)
		}
		for name, value := range e.Headers {
			w.Header().Set(name, value)
		}
		answer := []byte(e.Answer)
		var text string
		if json.Unmarshal(answer, &text) == nil {
			answer = []byte(text)
		}
		if e.File != "" {
			answer = fixture(t, e.File)
		}
		if e.Status != 0 {
			w.WriteHeader(e.Status)
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() {
		if next != len(list) {
			t.Errorf("asks %d times, want %d", next, len(list))
		}
	}
}

// cases reads a file of testdata strictly.
func cases[T any](t *testing.T, file string) (list []T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(fixture(t, file)))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		t.Errorf("%s: %v", file, err)
	}
	return list
}

func TestNetworksAsDocumented(t *testing.T) {
	for _, c := range Connectors() {
		for _, tc := range cases[networkCase](t, "networks/"+c.Network()+".json") {
			t.Run(c.Network()+"/"+tc.Name, func(t *testing.T) { tc.run(t, c) })
		}
	}
}

func (tc networkCase) run(t *testing.T, c Connector) {
	address, done := answering(t, tc.Exchange)
	a, ok := c.Parse(tc.Handle)
	if !ok {
		t.Fatalf("%q is no account", tc.Handle)
	}
	a.BaseURL, a.Secret = address, tc.Secret
	r, err := Try(t.Context(), NewHTTPClient(true), c.Network(), a)
	done()
	if tc.ID != "" && r.ID != tc.ID {
		t.Errorf("the account is %q, want %q", r.ID, tc.ID)
	}
	if e := asError(err); err != nil && e.To != tc.To {
		t.Errorf("it moved to %q, want %q", e.To, tc.To)
	}
	if r.Secret != tc.Renewed {
		t.Errorf("the secret to keep is %q", r.Secret)
	}
	wait := r.Pause
	if tc.Problem == "" {
		if err != nil || r.Followers != tc.Followers || !same(r.Following, tc.Following) || !same(r.Posts, tc.Posts) || r.Rounded != tc.Rounded {
			t.Errorf("read %+v, %v", r, err)
		}
	} else {
		var e *Error
		if !errors.As(err, &e) || e.Problem != tc.Problem {
			t.Fatalf("%+v, %v; want %s", r, err, tc.Problem)
		}
		wait = e.Wait
		for _, part := range strings.Split(tc.Secret, ":") {
			if len(part) > 3 && strings.Contains(err.Error(), part) {
				t.Errorf("the error has the secret in it: %v", err)
			}
		}
	}
	if got := wait.Seconds(); got < tc.WaitSeconds-2 || got > tc.WaitSeconds+2 {
		t.Errorf("asked to wait %v s, want %v s", got, tc.WaitSeconds)
	}
}

func TestTokensAreRenewedAsDocumented(t *testing.T) {
	const answer = `{"access_token":"new","token_type":"bearer","expires_in":5183944}`
	const refused = `{"error":{"message":"The token must be at least 24 hours old","type":"OAuthException","code":10}}`
	const instagram, threads = "GET /refresh_access_token?access_token=IGtoken&grant_type=ig_refresh_token", "GET /refresh_access_token?access_token=THAAtoken&grant_type=th_refresh_token"
	for _, c := range []struct {
		name, secret, want string
		of                 Renewer
		exchange           []exchange
		problem            Problem
	}{
		{"Instagram", "IGtoken", "new", Instagram{}, []exchange{{Request: instagram, Answer: []byte(answer)}}, ""},
		{"Instagram by Facebook Login", "EAAtoken", "", Instagram{}, nil, ""},
		{"Threads", " THAAtoken ", "new", Threads{}, []exchange{{Request: threads, Answer: []byte(answer)}}, ""},
		{"too young", "THAAtoken", "", Threads{}, []exchange{{Request: threads, Status: 400, Answer: []byte(refused)}}, Unauthorized},
		{"no token", "THAAtoken", "", Threads{}, []exchange{{Request: threads, Answer: []byte(`{}`)}}, Unreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, done := answering(t, c.exchange)
			secret, err := c.of.Renew(t.Context(), NewHTTPClient(true), Account{Handle: "alice", BaseURL: address, Secret: c.secret})
			done()
			if secret != c.want || (err != nil) != (c.problem != "") || err != nil && ProblemOf(err) != c.problem {
				t.Errorf("%q, %v", secret, err)
			}
			if err != nil && strings.Contains(err.Error(), "THAAtoken") {
				t.Errorf("the error has the secret in it: %v", err)
			}
		})
	}
}

func same(a, b *uint64) bool { return a == b || a != nil && b != nil && *a == *b }

// Without the secret that it needs, a connector sends no request; given
// something that is no valid secret, it says so.
func TestNoSecretNoRequest(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("asks %s", r.URL.Host)
		return nil, io.EOF
	})}
	for _, c := range Connectors() {
		if c.About().Secret != Required {
			continue
		}
		a, ok := c.Parse(c.About().Example)
		if !ok {
			t.Errorf("%s: the example %q is no account", c.Network(), c.About().Example)
		}
		for _, secret := range []string{"", "  "} {
			a.Secret = secret
			if _, err := c.Read(t.Context(), client, a); ProblemOf(err) != Unauthorized {
				t.Errorf("%s: %v", c.Network(), err)
			}
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Without a connection or an answer, the error names neither address nor
// secret.
func TestErrorsKeepSecrets(t *testing.T) {
	client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })}
	const secret = "4242:5ec4e7"
	for _, c := range Connectors() {
		a, _ := c.Parse(c.About().Example)
		a.Secret, a.BaseURL = secret, "https://network.example"
		if c.Network() == "tiktok" {
			a.Secret += ":refresh"
		}
		_, err := c.Read(t.Context(), client, a)
		if ProblemOf(err) != Unreachable || strings.Contains(err.Error(), "5ec4e7") {
			t.Errorf("%s: %v", c.Network(), err)
		}
	}
}

// A redirect to another host gets none of the headers that networks use for
// their keys.
func TestRedirectsLoseSecrets(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "X-Goog-Api-Key", "Client-Id", "Referer"} {
			if v := r.Header.Get(name); v != "" {
				t.Errorf("%s: %s goes to another host", name, v)
			}
		}
		_, _ = w.Write([]byte(`{"items":[{"statistics":{"subscriberCount":"7"}}]}`))
	}))
	defer elsewhere.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	}))
	defer s.Close()
	if r, err := (YouTube{}).Read(t.Context(), NewHTTPClient(true), Account{Handle: "@alice", BaseURL: s.URL, Secret: "key"}); err != nil || r.Followers != 7 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestParseNetworks(t *testing.T) {
	for _, c := range []struct{ network, input, want string }{
		{"youtube", "@Alice", "@alice"}, {"youtube", "alice", "@alice"}, {"youtube", "https://www.youtube.com/@Alice/videos", "@alice"},
		{"youtube", "UC_x5XG1OV2P6uZZ5FSM9Ttw", "UC_x5XG1OV2P6uZZ5FSM9Ttw"}, {"youtube", "https://youtube.com/channel/UC_x5XG1OV2P6uZZ5FSM9Ttw", "UC_x5XG1OV2P6uZZ5FSM9Ttw"},
		{"youtube", "https://youtube.com/c/alice", ""}, {"youtube", "https://evil.example/@alice", ""},
		{"x", "@XDevelopers", "xdevelopers"}, {"x", "https://twitter.com/XDevelopers/status/1", "xdevelopers"}, {"x", "https://mobile.x.com/a", "a"}, {"x", "a b", ""}, {"x", "../../2/tweets", ""},
		{"facebook", "https://www.facebook.com/AliceWrites/", "alicewrites"}, {"facebook", "https://www.facebook.com/profile.php?id=61550000000000", "61550000000000"},
		{"facebook", "https://facebook.com/p/Alice-Writes-61550000000000/", "61550000000000"}, {"facebook", "https://facebook.com/pages/Alice/1234567", "1234567"}, {"facebook", "a?b", ""},
		{"instagram", "https://www.instagram.com/alice.w/reels/", "alice.w"}, {"instagram", "@Alice", "alice"}, {"instagram", "alice){id}", ""},
		{"threads", "https://www.threads.com/@alice", "alice"}, {"threads", "https://threads.net/@alice", "alice"},
		{"linkedin", "https://www.linkedin.com/company/1234567/admin/dashboard/", "1234567"}, {"linkedin", "urn:li:organization:42", "42"}, {"linkedin", "acme", ""},
		{"tiktok", "https://www.tiktok.com/@alice?lang=fr", "alice"},
		{"pinterest", "https://fr.pinterest.com/alice/", "alice"}, {"pinterest", "https://www.pinterest.co.uk/alice", "alice"}, {"pinterest", "https://pinterest.evil.example/alice", ""},
		{"reddit", "golang", "r/golang"}, {"reddit", "/r/Golang/", "r/golang"}, {"reddit", "https://old.reddit.com/r/golang/top", "r/golang"}, {"reddit", "https://www.reddit.com/user/Alice/", "u/alice"}, {"reddit", "x/golang", ""},
		{"telegram", "https://t.me/s/AliceWrites", "alicewrites"}, {"telegram", "@alicewrites", "alicewrites"}, {"telegram", "https://t.me/+abcdef", ""},
		{"github", "https://github.com/golang/go/issues", "golang/go"}, {"github", "octocat", "octocat"}, {"github", "golang/go.git", "golang/go"},
		{"twitch", "https://www.twitch.tv/Alice", "alice"},
		{"discord", "https://discord.gg/AbC-1", "AbC-1"}, {"discord", "discord.com/invite/AbC", "AbC"}, {"discord", "https://discord.com/channels/1", ""},
		{"mailchimp", "A1B2C3D4E5", "a1b2c3d4e5"},
		{"listmonk", "https://Lists.example.com/admin/lists/3", "3@lists.example.com"}, {"listmonk", "3@lists.example.com:9000", "3@lists.example.com:9000"}, {"listmonk", "3", ""},
		{"ghost", "https://Blog.example.com/ghost/", "blog.example.com"}, {"ghost", "blog", ""},
	} {
		n, _ := ByNetwork(c.network)
		a, ok := n.Parse(c.input)
		if ok != (c.want != "") || ok && a.Handle != c.want {
			t.Errorf("%s: %q is %q, %v; want %q", c.network, c.input, a.Handle, ok, c.want)
		}
	}
}

// A connector must be able to parse its own handles again: the form's test, the
// store and the poller each parse them. No name may escape its place in a
// request's path.
func FuzzParse(f *testing.F) {
	for _, c := range Connectors() {
		f.Add(c.About().Example)
	}
	f.Add("https://www.reddit.com/r/golang/about")
	f.Add("https://facebook.com/profile.php?id=1/../me")
	f.Fuzz(func(t *testing.T, input string) {
		for _, c := range Connectors() {
			a, ok := c.Parse(input)
			if !ok {
				continue
			}
			again, ok := c.Parse(a.Handle)
			if !ok || again.Handle != a.Handle {
				t.Errorf("%s: %q is %q, which is %q (%v)", c.Network(), input, a.Handle, again.Handle, ok)
			}
			if strings.ContainsAny(a.Handle, "?#%&= \\\n") {
				t.Errorf("%s: %q gives the name %q", c.Network(), input, a.Handle)
			}
		}
	})
}

func TestAboutIsComplete(t *testing.T) {
	docs, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Connectors() {
		a := c.About()
		if !strings.Contains(string(docs), "\n| "+a.Name) {
			t.Errorf("docs/connectors.md has no line for %s", a.Name)
		}
		_, line, _ := strings.Cut(string(docs), "\n| "+a.Name)
		line, _, _ = strings.Cut(line, "\n")
		if _, posts := c.(PostReader); posts == strings.HasSuffix(line, "| – |") {
			t.Errorf("docs/connectors.md says another thing of %s's posts than its connector", a.Name)
		}
		if _, ok := c.Parse(a.Example); !ok || a.Name == "" {
			t.Errorf("%s: %q is no account", c.Network(), a.Example)
		}
		if (a.Secret != Never) != (a.SecretName.EN != "" && a.SecretName.FR != "" && a.SecretHelp.EN != "" && a.SecretHelp.FR != "") {
			t.Errorf("%s: the secret isn't explained in both languages", c.Network())
		}
		if (a.Rounded.EN == "") != (a.Rounded.FR == "") || (a.Handle.EN == "") != (a.Handle.FR == "") {
			t.Errorf("%s: a text is missing in one language", c.Network())
		}
		if c.Host(Account{Handle: "3@lists.example.com", Secret: "k-us6"}) == "" {
			t.Errorf("%s: no host", c.Network())
		}
	}
}

func TestGraphUsage(t *testing.T) {
	for header, want := range map[string]time.Duration{
		`{"call_count":28,"total_time":25,"total_cputime":25}`: 0,
		`{"call_count":99,"total_time":25,"total_cputime":25}`: time.Hour,
		`nonsense`: 0,
	} {
		if got := graphUsage(http.Header{"X-App-Usage": {header}}); got != want {
			t.Errorf("%s: %v", header, got)
		}
	}
	business := http.Header{"X-Business-Use-Case-Usage": {`{"17841":[{"type":"instagram","call_count":100,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":90}]}`}}
	if got := graphUsage(business); got != 90*time.Minute {
		t.Errorf("business use: %v", got)
	}
}

// A Ghost token opens with the key's secret, names the key, and lives for five
// minutes.
func TestGhostToken(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	token, err := ghostToken(Account{Secret: "6489:00ff00ff"}, now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token %q", token)
	}
	for i, want := range []string{`{"alg":"HS256","typ":"JWT","kid":"6489"}`, `{"iat":1795435200,"exp":1795435500,"aud":"/admin/"}`} {
		if got, err := base64.RawURLEncoding.DecodeString(parts[i]); err != nil || string(got) != want {
			t.Errorf("part %d is %s, %v; want %s", i, got, err, want)
		}
	}
	mac := hmac.New(sha256.New, []byte{0, 255, 0, 255})
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if sum, err := base64.RawURLEncoding.DecodeString(parts[2]); err != nil || !hmac.Equal(sum, mac.Sum(nil)) {
		t.Error("the signature is not the key's")
	}
}
