package social

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A file testdata/posts/<network>.json says how a network answers when posts
// are read, as its documentation does: the exchange is that of the followers,
// then that of the posts.
type postsCase struct {
	Name, Handle, Secret string
	Shows                []string // of situations
	Exchange             []exchange
	Posts                []Post
	Problem              Problem // of the posts: the followers are read
	WaitSeconds          float64
}

func TestPostsAsDocumented(t *testing.T) {
	for _, c := range Connectors() {
		reader, ok := c.(PostReader)
		if !ok {
			continue
		}
		for _, tc := range cases[postsCase](t, "posts/"+c.Network()+".json") {
			t.Run(c.Network()+"/"+tc.Name, func(t *testing.T) { tc.run(t, reader) })
		}
	}
}

func (tc postsCase) run(t *testing.T, c PostReader) {
	address, done := answering(t, tc.Exchange)
	a, ok := c.Parse(tc.Handle)
	if !ok {
		t.Fatalf("%q is no account", tc.Handle)
	}
	a.BaseURL, a.Secret = address, tc.Secret
	client := NewHTTPClient(true)
	r, err := c.Read(t.Context(), client, a)
	if err != nil {
		t.Fatalf("read the followers: %v", err)
	}
	posts, wait, err := c.Posts(t.Context(), client, a, r)
	done()
	if diff := cmp.Diff(tc.Posts, posts); diff != "" {
		t.Errorf("posts (-want +got)\n%s", diff)
	}
	if (err == nil) != (tc.Problem == "") {
		t.Fatalf("%v, want %q", err, tc.Problem)
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Problem != tc.Problem {
			t.Errorf("%v, want %s", err, tc.Problem)
		}
		wait = e.Wait
		if len(tc.Secret) > 3 && strings.Contains(err.Error(), tc.Secret) {
			t.Errorf("the error has the secret in it: %v", err)
		}
	}
	if got := wait.Seconds(); got < tc.WaitSeconds-2 || got > tc.WaitSeconds+2 {
		t.Errorf("asked to wait %v s, want %v s", got, tc.WaitSeconds)
	}
}

// A feed that never ends, with a page of one repost after the other, is left
// after maxPages.
func TestPagesEnd(t *testing.T) {
	asked := 0
	_, _, err := postPages(func(string) ([]Post, string, time.Duration, error) {
		asked++
		return nil, "more", 0, nil
	})
	if err != nil || asked != maxPages {
		t.Errorf("asked %d times, %v", asked, err)
	}
	posts, pause, _ := postPages(func(from string) ([]Post, string, time.Duration, error) {
		return []Post{{ID: "a" + from}}, "more", time.Minute, nil
	})
	if len(posts) != 1 || pause != time.Minute {
		t.Errorf("the network asks for a pause, and %d pages were read", len(posts))
	}
}

func TestRecent(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	post := func(id string, ago time.Duration) Post { return Post{ID: id, Published: now.Add(-ago)} }
	var ids []string
	for _, p := range recent([]Post{
		post("new", 0), post("new", time.Hour), post("", 0), post("old", 89*24*time.Hour), post("older", 91*24*time.Hour),
		post("a clock that is fast", -time.Minute), post("not yet", -48*time.Hour), {ID: "no time"},
	}, now) {
		ids = append(ids, p.ID)
	}
	if diff := cmp.Diff([]string{"new", "old", "a clock that is fast"}, ids); diff != "" {
		t.Error(diff)
	}
	many := make([]Post, 60)
	for i := range many {
		many[i] = post(strings.Repeat("x", i+1), time.Hour)
	}
	if n := len(recent(many, now)); n != maxPosts {
		t.Errorf("%d posts", n)
	}
}

func TestPlainText(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limit      int
		want       string
	}{
		{"lines and tabs", " a\n\n b\tc \u00a0d\x00 ", 280, "a b c d"},
		{"not UTF-8", "a\xffb", 280, "ab"},
		{"right to left", "שלום עולם", 4, "שלום"},
		{"characters, not bytes", "éééé", 3, "ééé"},
		{"emoji", "🦣🦣🦣", 2, "🦣🦣"},
		{"a family that is cut", "👩‍👩‍👧", 4, "👩‍👩"},
		{"a space that is cut", "ab cd", 3, "ab"},
	} {
		if got := PlainText(c.text, c.limit); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLinksAndTextOfAPost(t *testing.T) {
	text, links := inHTML(`<p>Caf&eacute; &amp; <b>cr&#232;me</b></p><p>voil&agrave;<br>👋 <a class="u-url mention" href="https://b.example/@bob">@<span>bob</span></a> ` +
		`<a href="https://example.com/a?b=1&amp;es=1aBcDeFgHi"><span class="invisible">https://</span><span>example.com/a</span></a></p><script>alert(1)</script>`)
	if want := "Café & crème voilà 👋 @bob https://example.com/a"; PlainText(text, 280) != want {
		t.Errorf("text %q, want %q", PlainText(text, 280), want)
	}
	if diff := cmp.Diff([]string{"https://b.example/@bob", "https://example.com/a?b=1&es=1aBcDeFgHi"}, links); diff != "" {
		t.Error(diff)
	}
	got := LinksInText("New: https://example.com/a_(b), [see](https://example.com/c) “https://example.com/d.” http://example.com/e?x=1#f… ftp://no javascript:no")
	if diff := cmp.Diff([]string{"https://example.com/a_(b)", "https://example.com/c", "https://example.com/d", "http://example.com/e?x=1#f"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWebAddress(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://x.com/a/status/1": true, "http://localhost:1/@a/1": true,
		"javascript:alert(1)": false, "data:text/html,x": false, "": false, "x.com/a": false, "https://": false,
		"https://x.com/" + strings.Repeat("a", 2001): false,
	} {
		if got := WebAddress(address); ok && got != address || !ok && got != "" {
			t.Errorf("%q: %q", address, got)
		}
	}
}

func TestLittleText(t *testing.T) {
	if got, want := littleText(`New \(really\): @[Acme \[FR\]](urn:li:organization:42) {hashtag|\#|analytics} {hashtag|＃|分析} a\_b`), `New (really): Acme [FR] #analytics ＃分析 a_b`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// spoiled is an answer with a post in its list that makes no sense; ok = it has
// a list.
func spoiled(answer any) (out any, ok bool) {
	switch v := answer.(type) {
	case []any:
		bad := map[string]any{"id": map[string]any{}, "uri": 1, "name": 1, "post": 1, "data": 1, "share": 1, "contentDetails": 1}
		return append([]any{bad, "no post at all"}, v...), true
	case map[string]any:
		for key, inner := range v {
			if changed, found := spoiled(inner); found {
				v[key], ok = changed, true
			}
		}
	}
	return answer, ok
}

// One post that can't be read costs that post alone.
func TestABadPostCostsItselfAlone(t *testing.T) {
	for _, c := range Connectors() {
		reader, ok := c.(PostReader)
		if !ok {
			continue
		}
		tried := 0
		for _, tc := range cases[postsCase](t, "posts/"+c.Network()+".json") {
			lists := 0
			for i := 1; i < len(tc.Exchange) && len(tc.Posts) > 0; i++ {
				e := &tc.Exchange[i]
				var answer any
				if json.Unmarshal(e.Answer, &answer) != nil || e.Status != 0 || strings.Contains(e.Request, "insights?") || strings.Contains(e.Request, "/me/accounts") {
					continue
				}
				changed, found := spoiled(answer)
				if !found {
					continue
				}
				lists++
				var err error
				if e.Answer, err = json.Marshal(changed); err != nil {
					t.Fatal(err)
				}
			}
			if lists > 0 {
				tried++
				t.Run(c.Network()+"/"+tc.Name, func(t *testing.T) { tc.run(t, reader) })
			}
		}
		if tried == 0 {
			t.Errorf("%s: nothing tried", c.Network())
		}
	}
}

func TestCount(t *testing.T) {
	for text, want := range map[string]string{
		"12": "12", "0": "0", `"12"`: "12", "12.0": "12", "1e3": "1000", "9007199254740992": "9007199254740992",
		"null": "unknown", "-1": "hidden", `"-1"`: "hidden", "1.5": "unknown", `"n/a"`: "unknown", `""`: "unknown", "true": "unknown",
		"[]": "unknown", "{}": "unknown", "9007199254740993e1": "unknown", "1e999": "unknown", `"NaN"`: "unknown", `"Inf"`: "unknown",
	} {
		var answer struct {
			N     count
			After int
		}
		if err := json.Unmarshal([]byte(`{"N":`+text+`,"After":1}`), &answer); err != nil || answer.After != 1 {
			t.Errorf("%s: %v", text, err)
		}
		got := "unknown"
		if answer.N.n != nil {
			got = strconv.FormatUint(*answer.N.n, 10)
		} else if answer.N.hidden {
			got = "hidden"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
