package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/browsertest/chromium"
)

// A dashboard as the measurement knows one: panels that are busy until they
// have what they show. It asks the server for each, what happens now too.
const dashboard = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>x</title><p id="top"></p>
<div data-panel="figures" data-kind="figures" aria-busy="true">…</div>
<div data-panel="list" data-kind="bars" aria-busy="true">…</div>
<div data-panel="tab" data-kind="bars" aria-busy="true" hidden>…</div>
<script>
const panel = (id) => document.querySelector('[data-panel="' + id + '"]');
const load = async (id) => { await fetch("/" + id + ".json"); panel(id).removeAttribute("aria-busy"); };
fetch("/site/overview/live.json").catch(() => {});
load("figures").then(() => {
  const begun = performance.now();
  while (performance.now() - begun < 150);
  document.getElementById("top").style.height = "400px";
  if (location.search) panel("list").innerHTML = '<p role="alert">No.</p>';
  return load("list");
});
</script>`

func TestOpen(t *testing.T) {
	if testing.Short() {
		t.Skip("in a browser")
	}
	const slow = 600 * time.Millisecond // a browser ignores what moves just after its window changed
	var live atomic.Int64
	var cookies atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "live.json"):
			live.Add(1)
		case r.URL.Path == "/figures.json", r.URL.Path == "/list.json":
			time.Sleep(slow)
		case r.URL.Path == "/site/overview":
			cookies.Store(r.Header.Get("Cookie"))
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, dashboard)
		}
	}))
	defer server.Close()
	browser, err := Start(server.URL, []*http.Cookie{{Name: "session", Value: "abc"}})
	if errors.Is(err, chromium.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer browser.Close()

	for _, size := range []Size{Desktop, Phone} {
		tab, err := browser.Tab(size, false)
		if err != nil {
			t.Fatal(err)
		}
		defer tab.Close()
		first, err := tab.Open(server.URL + "/site/overview")
		if err != nil {
			t.Fatal(err)
		}
		if first.Figures <= 0 || first.Last < first.Figures+slow {
			t.Errorf("%s: the figures after %v, the last panel after %v", size.Name, first.Figures, first.Last)
		}
		settled, err := tab.Settle()
		if err != nil {
			t.Fatal(err)
		}
		if settled.Shift <= 0 || settled.Blocked < 50*time.Millisecond {
			t.Errorf("%s: moved by %v, blocked for %v", size.Name, settled.Shift, settled.Blocked)
		}
	}
	if n := live.Load(); n != 0 {
		t.Errorf("a page that isn't live asked %d times what happens", n)
	}
	if got := cookies.Load(); got != "session=abc" {
		t.Errorf("sent the cookies %q", got)
	}

	tab, err := browser.Tab(Desktop, true)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	if _, err := tab.Open(server.URL + "/site/overview"); err != nil || live.Load() == 0 {
		t.Errorf("a live page asked %d times (%v)", live.Load(), err)
	}
	if _, err := tab.Open(server.URL + "/site/overview?fail"); err == nil || !strings.Contains(err.Error(), "1 panels show an error") {
		t.Errorf("a panel failed: %v", err)
	}
}
