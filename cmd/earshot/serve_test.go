package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
	"github.com/earshot-analytics/earshot/internal/eventually"
)

// program is the program as a child process.
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	data string
	out  *output
	url  string
}

// output is what a process prints, readable while it runs.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) { o.mu.Lock(); defer o.mu.Unlock(); return o.b.Write(p) }
func (o *output) String() string              { o.mu.Lock(); defer o.mu.Unlock(); return o.b.String() }

// command is earshot with these arguments on a data folder: this test binary,
// which TestMain turns into the program by its name.
func command(t *testing.T, data string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{
		Path: self, Args: append([]string{"earshot"}, args...), Dir: t.TempDir(),
		Env: append(os.Environ(), "EARSHOT_DATA="+data, "EARSHOT_LIBCHDB="+embedded.LibraryAbove()),
	}
}

func serve(t *testing.T, data string, flags ...string) *program {
	t.Helper()
	p := &program{t: t, data: data, out: &output{}}
	p.cmd = command(t, data, append([]string{"serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"}, flags...)...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		if t.Failed() {
			t.Logf("the program said:\n%s", p.out)
		}
	})
	p.url = p.printed(`open (http://\S+)`)
	return p
}

// printed waits for a line and gives what the pattern's group matches.
func (p *program) printed(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	var found []string
	eventually.True(p.t, "printed: "+pattern, func() bool { found = re.FindStringSubmatch(p.out.String()); return found != nil })
	return found[1]
}

// stop sends SIGTERM and waits for the end. A program that takes longer than
// it may says so with its exit code.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("stopped with %v", err)
	}
}

func (p *program) get(path string) (int, string) {
	p.t.Helper()
	resp, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// run is a command beside the server; it gives the last line.
func run(t *testing.T, data string, args ...string) string {
	t.Helper()
	out, err := command(t, data, args...).Output()
	if err != nil {
		var stderr []byte
		if e, ok := err.(*exec.ExitError); ok {
			stderr = e.Stderr
		}
		t.Fatalf("earshot %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

func (p *program) pageview(site, path string) int {
	p.t.Helper()
	code, _ := p.event(fmt.Sprintf(`{"n":"pageview","u":"https://%s%s","d":%q}`, site, path, site))
	return code
}

// event sends one, and gives for how many sites it was dropped.
func (p *program) event(body string) (code int, dropped string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.url+"/api/event", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
	req.Header.Set("Content-Type", "text/plain")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("X-Plausible-Dropped")
}

// pageviews asks the Stats API.
func (p *program) pageviews(site, token string) int {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.url+"/api/v2/query",
		strings.NewReader(fmt.Sprintf(`{"site_id":%q,"metrics":["pageviews"],"date_range":"day"}`, site)))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Results []struct{ Metrics []float64 }
		Error   string
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || len(answer.Results) != 1 {
		p.t.Fatalf("Stats API: %d %+v", resp.StatusCode, answer)
	}
	return int(answer.Results[0].Metrics[0])
}

func needEngine(t *testing.T) {
	t.Helper()
	if embedded.LibraryAbove() == "" && os.Getenv("CI") == "" {
		t.Skip("no embedded ClickHouse here: run npm ci")
	}
}

// The first day of an installation: start on nothing, set up, count a reader,
// stop, start again, be killed, and miss nothing.
func TestServe(t *testing.T) {
	needEngine(t)
	data := filepath.Join(t.TempDir(), "data")
	p := serve(t, data)
	if code, body := p.get("/healthz"); code != http.StatusOK || !strings.Contains(body, `"ready"`) {
		t.Fatalf("healthz: %d %s", code, body)
	}

	// The printed link makes the owner, once.
	link := p.printed(`account: (http://\S+)`)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := browser.PostForm(p.url+"/setup", url.Values{
		"token": {u.Query().Get("token")}, "email": {"ada@example.com"}, "name": {"Ada"},
		"password": {"correct horse battery"}, "password_again": {"correct horse battery"},
	})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Request.URL.Path == "/setup" {
		t.Errorf("set-up ended on %s with %d", resp.Request.URL, resp.StatusCode)
	}
	resp, err = http.PostForm(p.url+"/setup", url.Values{"token": {u.Query().Get("token")}, "email": {"eve@example.com"}, "password": {"correct horse battery"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if users := run(t, data, "user", "list"); strings.Contains(users, "eve@") || !strings.Contains(users, "ada@example.com") {
		t.Errorf("after a second set-up: %s", users)
	}

	// Commands work beside it, and it sees what they did.
	if code := p.pageview("example.com", "/"); code != http.StatusBadRequest {
		t.Errorf("an event of an unknown site: %d", code)
	}
	run(t, data, "site", "add", "example.com")
	token := run(t, data, "token", "add", "--site", "example.com")
	if got := run(t, data, "version"); !strings.Contains(got, "embedded, running") {
		t.Errorf("version: %s", got)
	}
	eventually.True(t, "a new site's events are taken", func() bool { return p.pageview("example.com", "/") == http.StatusAccepted })
	const stayed = `{"n":"engagement","e":2000,"u":"/","d":"%s"}`
	run(t, data, "site", "add", "quiet.example")
	if code, dropped := p.event(fmt.Sprintf(stayed, "quiet.example,example.com")); code != http.StatusAccepted || dropped != "1" {
		t.Errorf("engagement with a visit on one of two sites: %d, dropped for %q", code, dropped)
	}
	p.waitFor("example.com", token, 1)
	if _, body := p.get("/example.com"); !strings.Contains(body, `action="/login"`) {
		t.Error("a stranger who asks for the site isn't sent to the login")
	}
	if resp, err := browser.Get(p.url + "/example.com"); err != nil || resp.Request.URL.Path != "/example.com" {
		t.Errorf("the owner is not shown the site: %v", err)
	} else {
		resp.Body.Close()
	}

	saved := filepath.Join(t.TempDir(), "saved")
	if got := run(t, data, "backup", saved); !strings.Contains(got, "Backed up") {
		t.Errorf("backup: %s", got)
	}
	if got := run(t, filepath.Join(t.TempDir(), "restored"), "restore", saved); !strings.Contains(got, "Restored") {
		t.Errorf("restore: %s", got)
	}

	// A second one on the same folder is told so.
	second := command(t, data, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off")
	if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "another") {
		t.Errorf("a second server: %v\n%s", err, out)
	}

	// What was acknowledged just before the stop, and just before the kill, is there after it.
	p.pageview("example.com", "/before-the-stop")
	p.stop()
	p = serve(t, data)
	p.pageview("example.com", "/before-the-kill")
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	p = serve(t, data)
	p.waitFor("example.com", token, 3)
	if _, dropped := p.event(fmt.Sprintf(stayed, "example.com")); dropped != "" {
		t.Error("a visit from before the kill isn't known")
	}
	if _, dropped := p.event(fmt.Sprintf(stayed, "quiet.example")); dropped != "1" {
		t.Errorf("engagement without a visit is dropped for %q", dropped)
	}
	p.stop()
}

// Asked to stop in the middle of its start, it stops.
func TestStopWhileStarting(t *testing.T) {
	needEngine(t)
	p := &program{t: t, out: &output{}}
	p.cmd = command(t, filepath.Join(t.TempDir(), "data"), "serve", "--demo", "--listen", "127.0.0.1:0", "--metrics-listen", "off")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.printed(`(demo history: 10)`)
	p.stop()
}

// Without pages and without ClickHouse, a collector is ready, and says what
// it is.
func TestCollectorAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	run(t, data, "site", "add", "example.com")
	cmd := command(t, data, "serve", "--role", "collect", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
	p := &program{t: t, cmd: cmd, out: &output{}}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	p.url = p.printed(`events at (http://\S+?)/api/event`)
	p.printed(`(nobody here writes to ClickHouse)`)
	if code, body := p.get("/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d %s", code, body)
	}
	if code := p.pageview("example.com", "/"); code != http.StatusAccepted {
		t.Errorf("event: %d", code)
	}
	if code, _ := p.get("/"); code != http.StatusNotFound {
		t.Errorf("page: %d", code)
	}
	metrics := p.printed(`metrics at (http://\S+)`)
	for host, want := range map[string]int{"": http.StatusOK, "evil.example:9090": http.StatusForbidden} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, metrics, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host // "" = the address's
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("the metrics, asked by %q: %d", host, resp.StatusCode)
		}
	}
	p.stop()
}
