package collect

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A client that dribbles its body is let go, and gets no 202.
func TestSlowBody(t *testing.T) {
	m := &memory{}
	col, _ := newTest(m)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setDeadlines(w, 100*time.Millisecond)
		col.serveEvent(w, r)
	}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusRequestTimeout || !resp.Close {
		t.Errorf("%d, closed %t", resp.StatusCode, resp.Close)
	}
	if len(m.recs) > 0 {
		t.Error("half a body was taken")
	}
}

// A client that goes in the middle of its body has sent nothing.
func TestHalfBody(t *testing.T) {
	whole := line("/a") + "\n" + line("/b") + "\n"
	for name, head := range map[string]string{
		"an event":        fmt.Sprintf("POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(whole), line("/a")),
		"lines":           fmt.Sprintf("POST /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nContent-Length: %d\r\n\r\n%s\n", len(whole), line("/a")),
		"lines in chunks": fmt.Sprintf("POST /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(whole), whole),
	} {
		t.Run(name, func(t *testing.T) {
			m := &memory{}
			col, _ := newBatchTest(m)
			answered := make(chan struct{})
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(answered)
				col.Handler().ServeHTTP(w, r)
			}))
			defer srv.Close()
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conn, head)
			conn.Close()
			<-answered
			if len(m.recs) > 0 {
				t.Errorf("%d records of half a body", len(m.recs))
			}
		})
	}
}

// Bodies that come share a bound; who only says that much will come holds
// nothing of it, and small events go on.
func TestBodiesShareABound(t *testing.T) {
	col, _ := newTest(&memory{})
	col.bodies.left.Store(100 << 10)
	post := func(body io.Reader) int {
		r := httptest.NewRequest("POST", PathEvent, body)
		r.RemoteAddr = "203.0.113.9:4711"
		w := httptest.NewRecorder()
		col.Handler().ServeHTTP(w, r)
		return w.Code
	}
	props := strings.Repeat(" ", 90<<10)
	large := `{"n":"pageview","u":"https://example.com/","d":"example.com"` + props + `}`
	hold, release := io.Pipe()
	done := make(chan int, 1)
	go func() { done <- post(io.MultiReader(strings.NewReader(large[:60<<10]), hold)) }()
	for col.bodies.left.Load() > 50<<10 {
		time.Sleep(time.Millisecond)
	}
	if code := post(strings.NewReader(large)); code != http.StatusServiceUnavailable {
		t.Errorf("a second large one: %d", code)
	}
	if code := post(strings.NewReader(`{"n":"pageview","u":"https://example.com/","d":"example.com"}`)); code != http.StatusAccepted {
		t.Errorf("a small one: %d", code)
	}
	go io.Copy(release, strings.NewReader(large[60<<10:]))
	if code := <-done; code != http.StatusServiceUnavailable { // 64 KiB double beyond 100
		t.Errorf("the first: %d", code)
	}
	hold.Close()
	if left := col.bodies.left.Load(); left != 100<<10 {
		t.Errorf("%d bytes of the bound are gone for ever", 100<<10-left)
	}
	if code := post(bytes.NewReader(make([]byte, maxBody+1))); code != http.StatusRequestEntityTooLarge {
		t.Errorf("beyond 1 MB: %d", code)
	}
}

// Large bodies from one address leave room for others', small ones need none;
// behind a proxy that isn't known all addresses are one, and have no bound.
func TestBodiesOfOneAddress(t *testing.T) {
	col, _ := newTest(&memory{})
	large := `{"n":"pageview","u":"https://example.com/","d":"example.com"` + strings.Repeat(" ", maxBody-100)
	post := func(addr string, body io.Reader) int {
		r := httptest.NewRequest("POST", PathEvent, body)
		r.RemoteAddr = addr + ":4711"
		w := httptest.NewRecorder()
		col.Handler().ServeHTTP(w, r)
		return w.Code
	}
	hold, release := io.Pipe()
	var slow sync.WaitGroup
	const most = maxBodiesOfOne / maxBody
	for range most {
		slow.Go(func() { post("203.0.113.9", io.MultiReader(strings.NewReader(large), hold)) })
	}
	for col.bodies.left.Load() > maxBodies-most*maxBody {
		time.Sleep(time.Millisecond)
	}
	for addr, want := range map[string]int{"203.0.113.9": http.StatusServiceUnavailable, "203.0.113.10": http.StatusAccepted, "192.168.1.1": http.StatusAccepted} {
		if code := post(addr, io.MultiReader(strings.NewReader(large), strings.NewReader("}"))); code != want {
			t.Errorf("a large one from %s: %d", addr, code)
		}
		if code := post(addr, strings.NewReader(`{"n":"pageview","u":"https://example.com/","d":"example.com"}`)); code != http.StatusAccepted {
			t.Errorf("a small one from %s: %d", addr, code)
		}
	}
	release.Close()
	slow.Wait()
	if left := col.bodies.left.Load(); left != maxBodies || len(col.bodies.of) != 0 {
		t.Errorf("%d bytes of the bound are gone for ever, %d addresses are left", maxBodies-left, len(col.bodies.of))
	}
	if code := post("203.0.113.9", strings.NewReader(large+"}")); code != http.StatusAccepted {
		t.Errorf("afterwards: %d", code)
	}
}
