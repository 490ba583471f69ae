package app

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/connections"
	"github.com/earshot-analytics/earshot/internal/lane"
)

// elsewhere is a listener that shows clients on 127.0.1.n as 203.0.113.n: the
// limits don't apply to loopback addresses.
type elsewhere struct{ net.Listener }

func (l elsewhere) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	at := netip.MustParseAddrPort(c.RemoteAddr().String())
	if a := at.Addr().As4(); a[2] == 1 {
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, a[3]}), at.Port())
	}
	return remote{c, net.TCPAddrFromAddrPort(at)}, nil
}

type remote struct {
	net.Conn
	addr net.Addr
}

func (r remote) RemoteAddr() net.Addr { return r.addr }

// serveFront serves a front as a server does, with the default limits.
func serveFront(t *testing.T, l net.Listener) (reg *prometheus.Registry) {
	f := newFront(true, baseurl.URL{})
	f.health = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "health") }
	var events http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusAccepted)
	})
	f.events.Store(&events)
	reg = prometheus.NewRegistry()
	b := &build{Server: NewServer(Config{Connections: connections.Limits{All: 10_000, Address: 500}, Log: slog.New(slog.DiscardHandler)})}
	inner := lane.New(connections.Bound(l, connections.Options{Limits: b.connections(), Metrics: connections.NewMetrics(reg), Port: "pages"}),
		lane.Options{Handler: f, Paths: eventPaths(baseurl.URL{})})
	srv := serveHTTP(inner, f, b.Log, func(error) {}) // the listener is closed first
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // close idle connections at once
		inner.Shutdown(ctx)
		srv.Close()
	})
	return reg
}

// Ten thousand connections from one address that send nothing, or half a request,
// keep no other client out and take little memory.
func TestIdleConnectionsStopNobody(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reg := serveFront(t, elsewhere{tcp})
	before := memory()
	const many = 10_000
	conns := make(chan net.Conn, many)
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, 1)}}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for range min(many, maxFiles()/4*3) / 8 {
				c, err := d.Dial("tcp", tcp.Addr().String())
				if err != nil {
					t.Error(err)
					return
				}
				conns <- c
				io.WriteString(c, []string{"", "POST /api/ev", "GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 6000)}[worker%3])
			}
		})
	}
	all.Wait()
	close(conns)
	defer func() {
		for c := range conns {
			c.Close()
		}
	}()
	begun := time.Now()
	other := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, 2)}}).DialContext}, Timeout: 30 * time.Second}
	defer other.CloseIdleConnections()
	url := "http://" + tcp.Addr().String()
	for range 3 {
		resp, err := other.Post(url+eventPath, "text/plain", strings.NewReader("{}"))
		if err != nil || resp.StatusCode != http.StatusAccepted {
			t.Fatalf("%v, %v", resp, err)
		}
		resp.Body.Close()
		if resp, err = other.Get(url + "/healthz"); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		resp.Body.Close()
	}
	used := memory() - before
	t.Logf("someone else was served after %v; %d connections hold %d MB; %v", time.Since(begun).Round(time.Millisecond), len(conns), used>>20, counts(t, reg))
	if used > 40<<20 {
		t.Errorf("%d MB are held", used>>20)
	}
	if n := counts(t, reg)["earshot_http_connections"]; n > 510 {
		t.Errorf("%v are open", n)
	}
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// counts are the sums of each metric.
func counts(t *testing.T, reg *prometheus.Registry) map[string]float64 {
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			sums[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sums
}

// pipes is a listener of in-memory connections, so that the test controls time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A connection that sends nothing, or half a request, is closed after 10 seconds;
// an idle one that has been answered, after two minutes.
func TestSilentConnectionsEnd(t *testing.T) {
	for _, tt := range []struct {
		name, sends string
		after       time.Duration
	}{
		{"nothing", "", 10 * time.Second},
		{"half an event's head", "POST /api/event HTTP/1.1\r\nHo", 10 * time.Second},
		{"half an event", "POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", 10 * time.Second},
		{"half a head of another request", "GET /healthz HTTP/1.1\r\nHo", 10 * time.Second},
		{"the beginning of TLS", "\x16\x03\x01", 10 * time.Second},
		{"an event and no more", "POST /api/event HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 2 * time.Minute},
		{"another request and no more", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 2 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := make(pipes)
				serveFront(t, p)
				client, server := net.Pipe()
				p <- server
				begun := time.Now()
				io.WriteString(client, tt.sends)
				n, err := io.Copy(io.Discard, bufio.NewReader(client))
				if took := time.Since(begun); took != tt.after {
					t.Errorf("ended after %v with %d bytes, %v", took, n, err)
				}
				close(p)
			})
		})
	}
}
