package journey

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// A Mastodon server's words about a post arrive in the export: read by the
// poller, kept by the spool, written by the writer.
func TestPostsFromTheNetworkToTheExport(t *testing.T) {
	network := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/accounts/lookup" {
			_, _ = w.Write([]byte(`{"id":"109","followers_count":12}`))
			return
		}
		fmt.Fprintf(w, `[{"id":"7","created_at":%q,"url":"https://social.example/@ada/7","visibility":"public","favourites_count":5,"replies_count":0,
			"content":"<p>Caf&eacute; 🦣 <a href=\"https://%s/caf%%C3%%A9?utm_source=mastodon&amp;es=1aBcDeFgHi\">link</a></p>"}]`,
			time.Now().UTC().Format(time.RFC3339), domain)
	}))
	defer network.Close()
	var data string
	start(t, func(c *app.Config) { data, c.AllowPrivate = c.Data, true })
	command := func(args ...string) string {
		t.Helper()
		var out, err bytes.Buffer
		if code := app.Main(t.Context(), append(args, "--data", data), app.IO{In: &bytes.Buffer{}, Out: &out, Err: &err}); code != 0 {
			t.Fatalf("%v ends with %d: %s", args, code, &err)
		}
		return out.String()
	}
	command("site", "add", domain)
	command("account", "add", "--site", domain, "--base-url", network.URL, "mastodon", "@ada@social.example")
	var rows [][]string
	eventually.True(t, "the post is read", func() bool {
		var err error
		if rows, err = csv.NewReader(bytes.NewBufferString(command("export", "posts", "--site", domain))).ReadAll(); err != nil {
			t.Fatal(err)
		}
		return len(rows) > 1
	})
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	want := []string{"mastodon", "'@ada@social.example", "7", "https://social.example/@ada/7", "Café 🦣 link", "/café", "1aBcDeFgHi", "5", "0", "", "", "poll"}
	got := append(append([]string{}, rows[1][1:4]...), rows[1][5:]...) // without the times
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
