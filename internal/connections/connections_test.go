package connections

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// port is a listener to which connections come from any address.
type port struct{ in chan net.Conn }

func (p port) Accept() (net.Conn, error) {
	c, ok := <-p.in
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p port) Close() error   { return nil }
func (p port) Addr() net.Addr { return &net.TCPAddr{} }

type end struct {
	net.Conn
	from net.Addr
}

func (e end) RemoteAddr() net.Addr { return e.from }

type bounded struct {
	t   *testing.T
	in  chan net.Conn
	l   *Listener
	m   *Metrics
	now int64
}

func newBounded(t *testing.T, o Options) *bounded {
	b := &bounded{t: t, in: make(chan net.Conn, 1), m: NewMetrics(prometheus.NewRegistry())}
	o.Metrics, o.Port, o.Now = b.m, "pages", func() int64 { return b.now }
	b.l = Bound(port{b.in}, o)
	return b
}

// come has a client come; in is nil where it was rejected.
func (b *bounded) come(addr string) (client net.Conn, in *Conn) {
	client, server := net.Pipe()
	b.t.Cleanup(func() { client.Close(); server.Close() })
	b.now += int64(time.Second) // so that the one before has waited
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))
	if c := b.l.admit(end{server, from}); c != nil {
		return client, c
	}
	server.Close()
	return client, nil
}

func closed(c net.Conn) bool {
	c.SetReadDeadline(time.Unix(1, 0))
	_, err := c.Read(make([]byte, 1))
	return err == io.EOF
}

func TestTheOneThatWaitedLongestGivesWay(t *testing.T) {
	b := newBounded(t, Options{Limits: Limits{All: 5, Address: 2}})
	first, _ := b.come("203.0.113.1:1")
	second, c := b.come("203.0.113.1:2")
	if closed(first) || closed(second) {
		t.Fatal("closed below the bound")
	}
	third, _ := b.come("203.0.113.1:3")
	if !closed(first) || closed(second) || closed(third) {
		t.Error("of an address, the first had to give way")
	}
	if !c.Work() {
		t.Fatal("the second had not to give way")
	}
	fourth, d := b.come("203.0.113.1:4")
	if !closed(third) || closed(second) || closed(fourth) {
		t.Error("the third waited, the second worked")
	}
	d.Work()
	if _, none := b.come("203.0.113.1:5"); none != nil {
		t.Error("none waited, and one more came in")
	}
	c.Wait()
	fifth, _ := b.come("203.0.113.1:6")
	if !closed(second) || closed(fourth) {
		t.Error("the second was answered, the fourth works")
	}
	if c.Work() {
		t.Error("one that gave way works")
	}
	others := []net.Conn{}
	for _, addr := range []string{"203.0.113.2:1", "203.0.113.3:1", "203.0.113.4:1"} {
		c, in := b.come(addr)
		if in == nil {
			t.Fatalf("%s is rejected", addr)
		}
		others = append(others, c)
	}
	if closed(fifth) || slices.ContainsFunc(others, closed) {
		t.Error("closed below the bound of all")
	}
	if _, in := b.come("203.0.113.5:1"); in == nil || !closed(fifth) {
		t.Error("of all, the fifth had to give way")
	}
	for reason, want := range map[string]float64{"address": 3, "all": 1} {
		if got := testutil.ToFloat64(b.m.gaveWay.WithLabelValues("pages", reason)); got != want {
			t.Errorf("%s: %v gave way, want %v", reason, got, want)
		}
	}
	if got := testutil.ToFloat64(b.m.rejected.WithLabelValues("pages", "address")); got != 1 {
		t.Errorf("%v rejected", got)
	}
	if got := testutil.ToFloat64(b.m.open); got != 5 {
		t.Errorf("%v open", got)
	}
}

func TestAddresses(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}
	for _, tt := range []struct {
		name, one, other string
		bounded          bool
	}{
		{"an address", "203.0.113.1:1", "203.0.113.1:2", true},
		{"two addresses", "203.0.113.1:1", "203.0.113.2:2", false},
		{"a /64", "[2001:db8::1]:1", "[2001:db8::ffff:0:0:2]:1", true},
		{"two of them", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		{"IPv4 in IPv6", "203.0.113.1:1", "[::ffff:203.0.113.1]:2", true},
		{"a trusted proxy", "198.51.100.7:1", "198.51.100.7:2", false},
		{"this machine", "127.0.0.1:1", "127.0.0.1:2", false},
		{"a container's gateway", "172.17.0.1:1", "172.17.0.1:2", false},
	} {
		b := newBounded(t, Options{Limits: Limits{Address: 1}, Spared: proxies})
		_, one := b.come(tt.one)
		one.Work()
		if _, other := b.come(tt.other); (other == nil) != tt.bounded {
			t.Errorf("%s: rejected %v", tt.name, other == nil)
		}
	}
}

// A request that is on its way is not cut off for the next one.
func TestJustCome(t *testing.T) {
	b := newBounded(t, Options{Limits: Limits{All: 1}})
	first, _ := b.come("203.0.113.1:1")
	b.now -= int64(time.Second) - int64(grace)/2 // the next comes soon
	if _, in := b.come("203.0.113.2:1"); in != nil || closed(first) {
		t.Error("gave way at once")
	}
}

// Heads that never end are bounded together; what has come whole, is closed
// or small is no part of it.
func TestHeadsAreBounded(t *testing.T) {
	b := newBounded(t, Options{})
	const head = 64 << 10
	send := func(addr string, n int) (*Conn, error) {
		client, c := b.come(addr)
		go client.Write(make([]byte, n))
		_, err := io.ReadFull(c, make([]byte, n))
		return c, err
	}
	var conns []*Conn
	for err := error(nil); err == nil; {
		var c *Conn
		if c, err = send("203.0.113.1:1", head); err == nil {
			conns = append(conns, c)
		}
	}
	if n := len(conns); n != maxHeadsOfOne/(head-freeHead) {
		t.Errorf("%d long heads of one address", n)
	}
	if _, err := send("203.0.113.1:1", freeHead); err != nil {
		t.Errorf("a short head of that address: %v", err)
	}
	if _, err := send("203.0.113.2:1", head); err != nil {
		t.Errorf("a long one of another: %v", err)
	}
	conns[0].Work()
	conns[1].Close()
	for range 2 {
		if _, err := send("203.0.113.1:1", head); err != nil {
			t.Errorf("where two had gone: %v", err)
		}
	}
	conns[0].Wait()
	for i := range 2 * maxHeads / head {
		if c, err := send("10.0.0.1:1", head); err == nil {
			conns = append(conns, c)
		} else if i < maxHeads/head-40 {
			t.Errorf("after %d of a proxy: %v", i, err)
			break
		}
	}
	if b.l.heads > maxHeads || b.l.heads < maxHeads-head {
		t.Errorf("%d bytes are held", b.l.heads)
	}
	for _, c := range conns {
		c.Close()
		c.Close()
	}
	for c := range b.l.conns {
		c.Close()
	}
	if b.l.heads != 0 || len(b.l.conns) != 0 || len(b.l.from) != 0 {
		t.Errorf("left over: %d bytes, %d connections, %d addresses", b.l.heads, len(b.l.conns), len(b.l.from))
	}
	if got := testutil.ToFloat64(b.m.rejected.WithLabelValues("pages", "memory")); got < 2 {
		t.Errorf("%v rejected", got)
	}
}

// Through net/http: idle connections give way, those with a request don't, and
// an answer is whole.
func TestServer(t *testing.T) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	now := make(chan int64, 1)
	now <- 0
	l := Bound(tcp, Options{Limits: Limits{All: 2}, Now: func() int64 { n := <-now; now <- n + int64(time.Second); return n }})
	in, out := make(chan bool), make(chan bool)
	srv := &http.Server{ConnState: State, ConnContext: Context, Handler: Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			in <- true
			<-out
		}
		io.WriteString(w, strings.Repeat("x", 1<<20))
	}))}
	go srv.Serve(l)
	defer srv.Close()
	get := func(path string) (string, error) {
		resp, err := http.Get("http://" + tcp.Addr().String() + path) // the default client keeps its connections
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		return string(b), err
	}
	busy := make(chan error)
	go func() {
		b, err := get("/wait")
		if err == nil && len(b) != 1<<20 {
			err = io.ErrUnexpectedEOF
		}
		busy <- err
	}()
	<-in
	var idle []net.Conn
	for range 5 {
		c, err := net.Dial("tcp", tcp.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		idle = append(idle, c)
	}
	for i, c := range idle[:4] {
		c.SetReadDeadline(time.Now().Add(eventually.Patience))
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("idle connection %d: %v", i, err)
		}
	}
	if b, err := get("/"); len(b) != 1<<20 {
		t.Errorf("the next got %d bytes, %v", len(b), err)
	}
	out <- true
	if err := <-busy; err != nil {
		t.Errorf("the one that worked: %v", err)
	}
}
