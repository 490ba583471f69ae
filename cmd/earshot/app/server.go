package app

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/connections"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/write"
)

// Config configures a Server. Only Data must be set.
type Config struct {
	Settings
	Listen           string // "" = defaultListen
	MetricsListen    string // "" = defaultMetricsListen, "off" = none
	BaseURL          baseurl.URL
	TrustedProxies   prefixes
	Roles            roles // empty = all
	Owner            Owner
	MetricsHosts     []string // host names that the metrics' port answers to, besides private ones
	GeoIP            string
	Demo             bool
	Limits           collect.Limits
	Connections      connections.Limits // 0 = as many as files may be open
	ClickHouseMemory int64              // bytes; 0 = the engine's default
	AllowPrivate     bool               // account polls may reach private addresses
	AllowHeadless    bool               // headless Chrome counts as a reader
	EventsAlone      bool               // no closed days
	Profile          bool               // Go's profiles at the metrics' port
	Out              io.Writer
	Log              *slog.Logger
	Now              func() time.Time
	Faults           Faults
}

// Owner is the first account, made at the start if there is none. Without Email,
// none is made, and the log prints a link to make it.
type Owner struct {
	Email    string
	Password func() (string, error) // called only if the account has to be made
}

// Faults wraps the connections between parts, so that internal/faulttest can slow,
// break and watch them. No flag and no variable sets them; the zero value wraps
// nothing.
type Faults struct {
	Files spool.Files                       // of the spool's log
	Spool func(collect.Spool) collect.Spool // as the collector sees it
	Sink  func(write.Sink) write.Sink       // as the writer sees it
}

// Server is an Earshot server with all roles or some.
type Server struct {
	Config
	front *front
	ready chan struct{}

	addr net.Addr // set before ready
}

// NewServer makes a Server; Run starts it.
func NewServer(c Config) *Server {
	if c.Listen == "" {
		c.Listen = defaultListen
	}
	if c.MetricsListen == "" {
		c.MetricsListen = defaultMetricsListen
	}
	if len(c.Roles) == 0 {
		c.Roles = allRoles
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Server{Config: c, front: newFront(c.Roles.has(roleCollect), c.BaseURL), ready: make(chan struct{})}
}

// Ready is closed when the server takes events and shows pages.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// URL is the server's own address, once it is ready.
func (s *Server) URL() string { return localURL(s.addr) }

// say prints a line for the person at the terminal.
func (s *Server) say(format string, args ...any) {
	fmt.Fprintf(s.Out, format+"\n", args...)
}

// localURL is an address that a browser on this machine can open.
func localURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return ""
	}
	host := "localhost"
	if !tcp.IP.IsUnspecified() && !tcp.IP.IsLoopback() {
		host = tcp.IP.String()
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}
