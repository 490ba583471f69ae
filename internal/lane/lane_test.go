package lane

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// echo says what it was asked, so that two ways to it can be compared.
func echo(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch string(b) {
	case "panic":
		panic(http.ErrAbortHandler)
	case "nothing":
		w.WriteHeader(http.StatusNoContent)
		return
	case "close":
		w.Header().Set("Connection", "close")
	case "split":
		w.Header().Set("X-Split", "a\r\nB: c")
	}
	w.Header()["X-Many"] = []string{"1", "2"}
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, "%s %s %s %s %d\n", r.Method, r.URL, r.RequestURI, r.Host, r.ContentLength)
	for _, key := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(w, "%s: %q\n", key, r.Header[key])
	}
	w.Write(b)
}

type served struct {
	addr   string
	lane   *Listener
	http   *http.Server
	passed func() int // connections that net/http got
}

func serve(t *testing.T, o Options) *served {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if o.Handler == nil {
		o.Handler = http.HandlerFunc(echo)
	}
	s := &served{addr: l.Addr().String()}
	n := make(chan int, 1)
	n <- 0
	s.passed = func() int { v := <-n; n <- v; return v }
	s.http = &http.Server{Handler: o.Handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0), ConnState: func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			n <- <-n + 1
		}
	}}
	if o.Paths != nil {
		s.lane = New(l, o)
		l = s.lane
	}
	go s.http.Serve(l)
	t.Cleanup(func() {
		s.http.Close()
		if s.lane != nil {
			ctx, cancel := context.WithTimeout(t.Context(), 0)
			cancel()
			s.lane.Shutdown(ctx)
		}
	})
	return s
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(eventually.Patience))
	return c
}

func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x.example:80\r\n%sContent-Length: %d\r\n\r\n%s", path, headers, len(body), body)
}

// answer is a response for comparison: all but the date.
func answer(in *bufio.Reader) (string, error) {
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if _, err := http.ParseTime(resp.Header.Get("Date")); err != nil {
		return "", err
	}
	resp.Header.Del("Date")
	return fmt.Sprintf("%s %v %d %v\n%s", resp.Status, resp.Header, resp.ContentLength, resp.Close, b), err
}

// Whatever comes, the answers are net/http's; what is plain doesn't get there.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	const in, out = true, false
	for _, tt := range []struct {
		name, requests string
		lane           bool
	}{
		{"event", post("/e", "User-Agent: Firefox\r\nContent-Type: text/plain\r\n", "{}"), in},
		{"no body", post("/e", "", ""), in},
		{"kept", post("/e", "Connection: keep-alive\r\n", "{}"), in},
		{"lower case, tabs and twice", post("/e", "user-agent:\tFirefox \r\nx-forwarded-for: 1\r\nX-Forwarded-For:2\r\n", "{}"), in},
		{"pipelined", post("/e", "", "one") + post("/e", "", "two") + post("/e", "", "three"), in},
		{"no content", post("/e", "", "nothing") + post("/e", "", "next"), in},
		{"a header that would split", post("/e", "", "split"), in},
		{"handler closes", post("/e", "", "close"), in},
		{"utf-8 in a value", post("/e", "X-Name: Zoë\r\n", "{}"), in},
		{"other path", post("/f", "", "{}"), out},
		{"longer path", post("/ee", "", "{}"), out},
		{"with a query", post("/e?x=1", "", "{}"), out},
		{"plain and then others", post("/e", "", "one") + post("/f", "", "two") + post("/e", "", "three"), out},
		{"GET", "GET /e HTTP/1.1\r\nHost: x\r\n\r\n", out},
		{"HTTP/1.0", "POST /e HTTP/1.0\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", out},
		{"closing", post("/e", "Connection: close\r\n", "{}"), out},
		{"chunked", "POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", out},
		{"chunked with a length", "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", out},
		{"two lengths", "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", out},
		{"signed length", "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}", out},
		{"no length", "POST /e HTTP/1.1\r\nHost: x\r\n\r\n", out},
		{"no host", "POST /e HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", out},
		{"two hosts", "POST /e HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 2\r\n\r\n{}", out},
		{"folded", "POST /e HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", out},
		{"space before the colon", "POST /e HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}", out},
		{"bare line feeds", "POST /e HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}", out},
		{"a NUL in a value", "POST /e HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}", out},
		{"a large body", post("/e", "", strings.Repeat("x", maxRequest)), out},
		{"a large head", post("/e", "X: "+strings.Repeat("x", maxRequest)+"\r\n", "{}"), out},
		{"many fields", post("/e", strings.Repeat("X: y\r\n", 2*maxHeaders), "{}"), out},
		{"no HTTP", "hello\r\n\r\n", out},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := serve(t, Options{Paths: []string{"/e"}}), serve(t, Options{})
			ask := func(addr string, piece int) (answers []string) {
				c := dial(t, addr)
				go func() {
					for s := tt.requests; s != ""; {
						n := min(piece, len(s))
						if _, err := io.WriteString(c, s[:n]); err != nil {
							return
						}
						s = s[n:]
					}
					c.(*net.TCPConn).CloseWrite()
				}()
				for in := bufio.NewReader(c); ; {
					a, err := answer(in)
					if err != nil {
						return answers
					}
					answers = append(answers, a)
				}
			}
			want := ask(theirs.addr, 1<<20)
			for _, piece := range []int{1 << 20, 7} {
				if diff := cmp.Diff(want, ask(ours.addr, piece)); diff != "" {
					t.Errorf("in pieces of %d (-net/http +lane):\n%s", piece, diff)
				}
			}
			if got := ours.passed() == 0; got != tt.lane {
				t.Errorf("served in the lane: %v", got)
			}
		})
	}
}

// Each is cut by the limit that is meant for it: an hour never passes, and who
// waits between two requests waits longer than a request may take.
func TestSlowClients(t *testing.T) {
	const limit = 100 * time.Millisecond
	slow := Options{Paths: []string{"/e"}, Idle: time.Hour, Whole: limit}
	silent := Options{Paths: []string{"/e"}, Idle: 3 * limit, Whole: limit}
	for _, tt := range []struct {
		name, sends string
		by          Options
		least       time.Duration
	}{
		{"says nothing", "", slow, limit},
		{"says nothing more", post("/e", "", "body"), silent, silent.Idle},
		{"half a head", "POST /e HTTP/1.1\r\nHo", slow, limit},
		{"half a body", strings.TrimSuffix(post("/e", "", "body"), "dy"), slow, limit},
		{"half a second request", post("/e", "", "body") + "POST /e", slow, limit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, serve(t, tt.by).addr)
			begun := time.Now()
			io.WriteString(c, tt.sends)
			if _, err := io.Copy(io.Discard, c); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took < tt.least-10*time.Millisecond {
				t.Errorf("cut after %v", took)
			}
		})
	}
}

func TestShutdown(t *testing.T) {
	in, out := make(chan bool, 1), make(chan bool)
	s := serve(t, Options{Paths: []string{"/e"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in <- true
		<-out
		w.WriteHeader(http.StatusAccepted)
	})})
	idle, busy := dial(t, s.addr), dial(t, s.addr)
	io.WriteString(busy, post("/e", "", ""))
	<-in
	done := make(chan error)
	go func() { done <- s.lane.Shutdown(t.Context()) }()
	if n, err := idle.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("idle connection: %d bytes, %v", n, err)
	}
	select {
	case <-done:
		t.Error("did not wait for the request under way")
	default:
	}
	out <- true
	if a, err := answer(bufio.NewReader(busy)); err != nil || !strings.HasPrefix(a, "202") || !strings.Contains(a, " true\n") {
		t.Errorf("answer %q, %v", a, err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.addr); err == nil {
		t.Error("the port is open")
	}
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	hang := make(chan bool)
	in := make(chan bool, 1)
	s := serve(t, Options{Paths: []string{"/e"}, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { in <- true; <-hang })})
	defer close(hang)
	io.WriteString(dial(t, s.addr), post("/e", "", ""))
	<-in
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.lane.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// A handler that panics ends its connection and nothing else.
func TestPanic(t *testing.T) {
	s := serve(t, Options{Paths: []string{"/e"}})
	bad, good := dial(t, s.addr), dial(t, s.addr)
	io.WriteString(bad, post("/e", "", "panic"))
	if b, err := io.ReadAll(bad); err != nil || len(b) > 0 {
		t.Errorf("got %q, %v", b, err)
	}
	io.WriteString(good, post("/e", "", "fine"))
	if a, err := answer(bufio.NewReader(good)); err != nil || !strings.HasPrefix(a, "202") {
		t.Errorf("got %q, %v", a, err)
	}
}

// What the lane takes, net/http reads the same way, to the same end.
func FuzzParse(f *testing.F) {
	f.Add([]byte(post("/e", "User-Agent: Firefox\r\n", "{}")))
	f.Add([]byte(post("/e", "x-a: b\r\nX-A:  c\t\r\n:\r\n", "{}") + "POST"))
	f.Add([]byte("POST /e HTTP/1.1\r\nHost: [::1]:8\r\nContent-Length: 0002\r\nConnection: Keep-Alive\r\n\r\n{}{}"))
	f.Add([]byte("POST /e HTTP/1.1\r\nHost: a:b:c\r\nContent-Length: 2\r\nPragma: no-cache\r\n\r\n{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h head
		if h.parse(b, []string{"/d", "/e"}) != plain {
			return
		}
		whole := strings.NewReader(string(b))
		in := bufio.NewReader(whole)
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Fatalf("%q: net/http says %v", b, err)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if size := len(b) - whole.Len() - in.Buffered(); size != h.size {
			t.Errorf("%q: %d bytes, for net/http %d", b, h.size, size)
		}
		if got := string(b[h.size-h.length : h.size]); got != string(body) {
			t.Errorf("body %q, for net/http %q", got, body)
		}
		fields := http.Header{}
		for i, key := range h.keys[:h.n] {
			if key != "Host" {
				fields[key] = append(fields[key], h.vals[i])
			}
		}
		if diff := cmp.Diff(r.Header, fields); diff != "" || h.host != r.Host || h.path != r.RequestURI || r.Close {
			t.Errorf("%q: %s; host %q %q, path %q %q, close %v", b, diff, h.host, r.Host, h.path, r.RequestURI, r.Close)
		}
	})
}
