// Package journey proves the whole product as its user meets it: the program
// on an empty folder, a blog on another origin, a reader in a real browser,
// and the owner's dashboard, files and API agreeing to the unit.
package journey

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/trackertest"
)

var browser browsertest.Browser

func TestMain(m *testing.M) {
	embedded.RunChildIfAsked()
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

const domain = "blog.earshot.test"

// start runs the program on an empty folder until the test ends.
func start(t *testing.T, change func(*app.Config)) *app.Server {
	t.Helper()
	config := app.Config{
		Settings: app.Settings{Data: t.TempDir(), LibCHDB: browsertest.Root(t) + "/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"},
		Listen:   "127.0.0.1:0", MetricsListen: "off", AllowHeadless: true,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&config)
	}
	server, _ := launch(t, config)
	return server
}

// launch runs the program until stop is called, or the test ends.
func launch(t *testing.T, config app.Config) (server *app.Server, stop func()) {
	t.Helper()
	server = app.NewServer(config)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server's end: %v", err)
		}
	})
	t.Cleanup(stop)
	select {
	case <-server.Ready():
	case err := <-ended:
		ended <- err
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(eventually.Patience):
		t.Fatal("the server is never ready")
	}
	return server, stop
}

// fill types into a form's field.
func fill(tab *browsertest.Tab, field, value string) {
	tab.Run(fmt.Sprintf(`{ const f = document.querySelector('form.card [name=%s]'); f.focus(); f.value = %q; f.dispatchEvent(new Event('input', {bubbles: true})); f.dispatchEvent(new Event('change', {bubbles: true})) }`, field, value))
}

// own makes the owner's account and a site, and gives the site's snippet as
// its page shows it. The link of the start is replaced by one of the test's.
func own(t *testing.T, tab *browsertest.Tab, server *app.Server, base string) string {
	t.Helper()
	store, err := meta.Open(filepath.Join(server.Data, meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	link, err := store.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tab.Open(base + "/setup?token=" + link)
	fill(tab, "name", "Ada")
	fill(tab, "email", "ada@example.com")
	fill(tab, "password", "correct horse battery staple")
	tab.Click("form.card button.button-primary")
	tab.Wait(`!location.pathname.endsWith("/setup")`)
	tab.Open(base + "/sites/new")
	fill(tab, "domain", domain)
	fill(tab, "timezone", "Europe/Paris")
	tab.Click("form.card button.button-primary")
	tab.Wait(`location.pathname.endsWith("/` + domain + `/settings/snippet") && document.querySelector("#snippet")`)
	snippet := browsertest.Eval[string](tab, `document.querySelector("#snippet").textContent`)
	if want := `data-site="` + domain + `"`; !strings.Contains(snippet, want) || !strings.Contains(snippet, base+"/js/earshot.js") {
		t.Fatalf("the snippet to copy is %q", snippet)
	}
	return snippet
}

// A reader's acts on the blog, each a share of a kind of its own.
const post = `<main style="height:4000px"><h1>A post</h1>
<script src="/script.js"></script>
<a id="x" target="_blank" href="https://x.com/intent/post?url=PAGE">X</a>
<a id="facebook" target="_blank" href="https://www.facebook.com/sharer/sharer.php?u=PAGE"><svg width="20" height="20"><circle id="dot" cx="10" cy="10" r="8"/></svg></a>
<a id="mastodon" target="_blank" href="https://share.joinmastodon.org/#text=A%20post%20PAGE">Mastodon</a>
<a id="whatsapp" target="_blank" href="https://wa.me/?text=A%20post%20PAGE">WhatsApp</a>
<a id="email" href="mailto:?subject=A%20post&body=PAGE">E-mail</a>
<button id="marked" data-earshot-share="linkedin">LinkedIn</button>
<button id="native" onclick="share()">Share</button>
<button id="copy" onclick="copy()">Copy</button>
<a id="second" href="/second">Next</a></main>`

const script = `
document.addEventListener('click', (e) => { if (e.target.closest('a[target], a[href^=mailto]')) e.preventDefault() })
navigator.share = () => Promise.resolve()
function share() { navigator.share({ title: 'A post', url: location.href }) }
function copy() { navigator.clipboard.writeText(location.href) }`

// shares are the networks that the reader below shares to.
var shares = []string{"copy", "email", "facebook", "linkedin", "mastodon", "native", "whatsapp", "x"}

func TestFromAnEmptyFolderToAgreeingFigures(t *testing.T) {
	server := start(t, nil)
	base := server.URL()
	owner, reader := browser.Tab(t), browser.Tab(t)
	snippet := own(t, owner, server, base)

	blog := trackertest.NewBlog(t, trackertest.Page{
		Snippet: strings.Replace(snippet, "<script ", "<script data-local ", 1), // a test's browser is no reader elsewhere
		Body:    strings.ReplaceAll(post, "PAGE", "https%3A%2F%2F"+domain+"%2Ffirst"), Script: script,
	})
	reader.Size(1000, 700)
	reader.Open(blog.URL + "/first?utm_source=newsletter&utm_medium=email")
	reader.Wait(`window.earshot`)
	for _, share := range []string{"x", "dot", "mastodon", "whatsapp", "email", "marked", "native", "copy"} {
		reader.Click("#" + share)
	}
	// Reading: the page moves for over a second, down to its end.
	for i := range 6 {
		reader.Run(fmt.Sprintf(`scrollTo(0, %d); dispatchEvent(new Event('mousemove'))`, (i+1)*700))
		time.Sleep(300 * time.Millisecond)
	}
	reader.Run(`document.querySelector('#second').click()`)
	reader.Wait(`location.pathname === "/second" && window.earshot`)
	reader.Open("about:blank")

	// The owner's page says by itself that events arrive.
	owner.Wait(`!document.querySelector('[data-state=arrived]').hidden`)

	api := &api{t: t, base: base, token: token(t, owner, base)}
	api.waitFor("pageviews", 2)
	api.waitFor("shares", float64(len(shares)))
	api.waitFor("scroll_depth", api.one("scroll_depth")) // nothing moves any more

	want := map[string]float64{"visitors": 1, "visits": 1, "pageviews": 2, "shares": float64(len(shares)), "sharers": 1, "bounce_rate": 0}
	for metric, value := range want {
		if got := api.one(metric); got != value {
			t.Errorf("%s: the API says %v, the reader did %v", metric, got, value)
		}
	}
	var networks []string
	for _, row := range api.ask([]string{"shares"}, "share:network") {
		networks = append(networks, row.Dimensions[0].(string))
		if row.Metrics[0] != 1.0 {
			t.Errorf("shares to %v: %v, want each once", row.Dimensions, row.Metrics)
		}
	}
	slices.Sort(networks)
	if !slices.Equal(networks, shares) {
		t.Errorf("shared to %v, want %v", networks, shares)
	}
	if engaged := api.one("engaged_time"); engaged <= 0 {
		t.Errorf("engaged time %v after reading for two seconds", engaged)
	}

	// The dashboard, its files and the API say the same.
	owner.Size(1280, 1000)
	owner.Open(base + "/" + domain + "?period=today&lang=en")
	owner.Wait(`document.querySelectorAll("#panel-figures li[data-metric]").length >= 7`)
	shown := browsertest.Eval[map[string]string](owner, `Object.fromEntries([...document.querySelectorAll("#panel-figures li[data-metric]")].map((f) => [f.dataset.metric, f.dataset.value]))`)
	header, rows := file(t, owner, "/"+domain+"/overview/figures.csv?period=today&header=keys")
	if len(rows) != 1 {
		t.Fatalf("figures.csv has %d rows", len(rows))
	}
	for i, metric := range header {
		if metric == "followers" || metric == "rounded_accounts" {
			if rows[0][i] != "" || shown[metric] != "" {
				t.Errorf("no account was read, but the file says %q followers and the page %q", rows[0][i], shown[metric])
			}
			continue
		}
		said := api.one(metric)
		if inFile, err := strconv.ParseFloat(rows[0][i], 64); err != nil || inFile != said {
			t.Errorf("%s: the file says %q, the API %v", metric, rows[0][i], said)
		}
		if onPage, err := strconv.ParseFloat(shown[metric], 64); err != nil || onPage != said {
			t.Errorf("%s: the page says %q, the API %v", metric, shown[metric], said)
		}
	}
	for panel, dimension := range map[string]string{"pages": "event:page", "sources": "visit:source", "shared-to": "share:network", "devices": "visit:device"} {
		header, rows := file(t, owner, "/"+domain+"/overview/"+panel+".csv?period=today&header=keys")
		metrics := header[1:]
		if header[0] != dimension {
			metrics = slices.DeleteFunc(slices.Clone(header), func(h string) bool { return strings.Contains(h, ":") })
		}
		answer := api.ask(metrics, dimension)
		if len(answer) != len(rows) {
			t.Errorf("%s: %d rows in the file, %d by the API", panel, len(rows), len(answer))
			continue
		}
		for i, row := range answer {
			if got := rows[i][slices.Index(header, metrics[0])]; got != fmt.Sprint(row.Metrics[0]) {
				t.Errorf("%s, row %d: the file says %v, the API %v %v", panel, i, rows[i], row.Dimensions, row.Metrics)
			}
		}
	}
	if problems := append(owner.Problems(), reader.Problems()...); len(problems) > 0 {
		t.Errorf("in the browsers' consoles: %v", problems)
	}
}

func TestClientsOfOthersWorkUnchanged(t *testing.T) {
	server := start(t, nil)
	owner := browser.Tab(t)
	own(t, owner, server, server.URL())
	api := &api{t: t, base: server.URL(), token: token(t, owner, server.URL())}
	trackertest.Clients(t, browser.Tab(t), server.URL(), domain)
	api.waitFor("pageviews", 2)
	api.waitFor("events", 4)
	for goal, plan := range map[string]string{"Old Client": "free", "New Client": "pro"} {
		rows := api.ask([]string{"events"}, "event:props:plan", []any{"is", "event:goal", []string{goal}})
		if len(rows) != 1 || rows[0].Dimensions[0] != plan {
			t.Errorf("the goal %s came with %v, want plan = %s", goal, rows, plan)
		}
	}
}

// token makes a token on the site's page.
func token(t *testing.T, tab *browsertest.Tab, base string) string {
	t.Helper()
	tab.Open(base + "/" + domain + "/settings/tokens")
	fill(tab, "name", "journey")
	tab.Click("form.card button.button-primary")
	tab.Wait(`document.querySelector("#token")`)
	return browsertest.Eval[string](tab, `document.querySelector("#token").textContent`)
}

// file downloads a CSV file with the owner's session.
func file(t *testing.T, tab *browsertest.Tab, path string) (header []string, rows [][]string) {
	t.Helper()
	text := browsertest.Eval[string](tab, fmt.Sprintf(`fetch(%q).then((r) => r.ok ? r.text() : Promise.reject(new Error(r.status + " " + r.url)))`, path))
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("%s: %v: %q", path, err, text)
	}
	return records[0], records[1:]
}

// api asks POST /api/v2/query.
type api struct {
	t           *testing.T
	base, token string
}

type row struct {
	Metrics    []any `json:"metrics"`
	Dimensions []any `json:"dimensions"`
}

func (a *api) ask(metrics []string, dimension string, filters ...[]any) []row {
	a.t.Helper()
	question := map[string]any{"site_id": domain, "metrics": metrics, "date_range": "day"}
	if dimension != "" {
		question["dimensions"] = []string{dimension}
	}
	if filters != nil {
		question["filters"] = filters
	}
	body, err := json.Marshal(question)
	if err != nil {
		a.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, a.base+"/api/v2/query", bytes.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		a.t.Fatalf("%s: status %d, %v: %s", body, resp.StatusCode, err, text)
	}
	var answer struct {
		Results []row `json:"results"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		a.t.Fatal(err)
	}
	return answer.Results
}

// one is a metric's total of today; 0 where nothing is known.
func (a *api) one(metric string) float64 {
	a.t.Helper()
	rows := a.ask([]string{metric}, "")
	if len(rows) != 1 || rows[0].Metrics[0] == nil {
		return 0
	}
	return rows[0].Metrics[0].(float64)
}

func (a *api) waitFor(metric string, want float64) {
	a.t.Helper()
	var got float64
	if !eventually.Is(func() bool { got = a.one(metric); return got == want }) {
		a.t.Fatalf("%s stays at %v, want %v", metric, got, want)
	}
}

// A newcomer reads a post of the demo blog, passes it on, and sees both on the
// demo's dashboard, which stays open meanwhile.
func TestTheDemoBlogArrivesInItsDashboard(t *testing.T) {
	server := start(t, func(c *app.Config) { c.Demo = true })
	watcher, reader := browser.Tab(t), browser.Tab(t)
	watcher.Open(server.URL() + "/")
	watcher.Wait(`location.pathname === "/demo.example" && document.querySelector("#panel-figures li[data-metric]")`)
	watcher.Open(server.URL() + "/demo.example/sharing?period=today&lang=en")
	const shares = `Number(document.querySelector("#panel-figures li[data-metric=shares]")?.dataset.value ?? NaN)`
	watcher.Wait(`!isNaN(` + shares + `)`)
	before := browsertest.Eval[float64](watcher, shares)

	reader.Open(server.URL() + "/demo-blog/")
	reader.Click(`.posts a[href$="/the-plateau/"]`)
	reader.Wait(`location.pathname === "/demo-blog/the-plateau/" && window.earshot && document.querySelector(".s-bluesky")`)
	// The network is out of reach: what would have been opened is noted instead.
	reader.Run(`document.addEventListener("click", (e) => { window.left = e.target.href; e.preventDefault() })`)
	reader.Click(".s-bluesky")
	link := browsertest.Eval[string](reader, `window.left`)
	if !strings.Contains(link, "%3Fes=1") {
		t.Errorf("the shared address carries no share ID: %s", link)
	}
	watcher.Wait(fmt.Sprintf(`%s === %v`, shares, before+1))
	watcher.Wait(`[...document.querySelectorAll("#panel-networks tbody tr")].some((r) => r.textContent.startsWith("Bluesky"))`)
	if problems := append(watcher.Problems(), reader.Problems()...); len(problems) > 0 {
		t.Errorf("in the browsers' consoles: %v", problems)
	}
}
