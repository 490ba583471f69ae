package app

import (
	"context"
	"errors"
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

type serveCmd struct {
	Listen         string      `help:"Where to serve pages and take events, as HOST:PORT; :8080 is every address of this machine." env:"EARSHOT_LISTEN" default:"${listen}" placeholder:"HOST:PORT"`
	MetricsListen  string      `help:"Where to serve Prometheus' metrics; off turns them off." env:"EARSHOT_METRICS_LISTEN" default:"${metricsListen}" placeholder:"HOST:PORT"`
	MetricsHosts   []string    `help:"Names, separated by commas, under which the metrics are asked for, beside addresses and names of private networks." env:"EARSHOT_METRICS_HOSTS" placeholder:"LIST"`
	BaseURL        baseurl.URL `name:"base-url" help:"Address under which readers and users reach this server, with a path where it has one; empty goes by the request." env:"EARSHOT_BASE_URL" placeholder:"URL"`
	TrustedProxies prefixes    `help:"Proxies whose X-Forwarded-For and X-Forwarded-Proto count: addresses and networks, separated by commas." env:"EARSHOT_TRUSTED_PROXIES" placeholder:"LIST"`
	Role           roles       `help:"Which parts to run: collect, write, poll, web." env:"EARSHOT_ROLE" default:"collect,write,poll,web" placeholder:"LIST"`
	GeoIP          string      `name:"geoip" help:"MMDB file that tells an address's country; empty looks in DATA/geoip and node_modules." env:"EARSHOT_GEOIP" placeholder:"FILE"`
	OwnerEmail     string      `help:"E-mail address of the first account, made at the start where there is none; its password is in EARSHOT_OWNER_PASSWORD or a file." env:"EARSHOT_OWNER_EMAIL" placeholder:"E-MAIL"`
	OwnerPassword  string      `name:"owner-password-file" help:"File whose first line is that account's password." env:"EARSHOT_OWNER_PASSWORD_FILE" placeholder:"FILE"`
	Demo           bool        `help:"Have the demo blog, and thirteen months of its history where that is missing." env:"EARSHOT_DEMO"`
	Memory         int         `name:"clickhouse-memory" help:"Memory for the embedded ClickHouse, in MiB." env:"EARSHOT_CLICKHOUSE_MEMORY" default:"768" placeholder:"MIB"`
	LimitAddress   float64     `help:"Events a second from one address, five seconds' worth at once; 0 is no limit." env:"EARSHOT_LIMIT_ADDRESS" default:"100" placeholder:"N"`
	LimitVisitor   float64     `help:"Events a second of one visitor of a site; 0 is no limit." env:"EARSHOT_LIMIT_VISITOR" default:"20" placeholder:"N"`
	LimitSite      float64     `help:"Events a second of one site; 0 is no limit." env:"EARSHOT_LIMIT_SITE" default:"50000" placeholder:"N"`
	LimitVisits    float64     `help:"Visits a second that begin from one address, 500 seconds' worth at once; 0 is no limit." env:"EARSHOT_LIMIT_VISITS" default:"5" placeholder:"N"`
	LimitConns     int         `name:"limit-connections" help:"Connections open at once; 0 is as many as files may be open." env:"EARSHOT_LIMIT_CONNECTIONS" default:"10000" placeholder:"N"`
	LimitConnsAddr int         `name:"limit-connections-address" help:"Of those, from one address; 0 is no limit." env:"EARSHOT_LIMIT_CONNECTIONS_ADDRESS" default:"500" placeholder:"N"`
	AllowPrivate   bool        `help:"Let account polls and the check of an installation reach private addresses, for servers of your own." env:"EARSHOT_ALLOW_PRIVATE"`
	AllowHeadless  bool        `help:"Take headless Chrome for a reader: for tests." env:"EARSHOT_ALLOW_HEADLESS" hidden:""`
	Profile        bool        `help:"Serve /debug/pprof beside the metrics: for looking where time goes." env:"EARSHOT_PROFILE" hidden:""`
}

func (serveCmd) Help() string {
	return "Examples:\n  earshot serve --demo\n  earshot serve --listen :8080 --base-url https://stats.example.com --trusted-proxies 10.0.0.0/8\n\n" +
		"Stops gracefully on SIGTERM and SIGINT; a second one ends it at once, which loses nothing that was acknowledged."
}

func (c *serveCmd) Run(s *session) error {
	owner := Owner{Email: c.OwnerEmail, Password: s.secret(c.OwnerPassword, "EARSHOT_OWNER_PASSWORD")}
	return NewServer(Config{
		Settings: s.Settings, Listen: c.Listen, MetricsListen: c.MetricsListen, MetricsHosts: c.MetricsHosts, BaseURL: c.BaseURL,
		TrustedProxies: c.TrustedProxies, Roles: c.Role, Owner: owner, GeoIP: c.GeoIP, Demo: c.Demo,
		Limits:           collect.Limits{Address: c.LimitAddress, Visitor: c.LimitVisitor, Site: c.LimitSite, Visits: c.LimitVisits},
		Connections:      connections.Limits{All: c.LimitConns, Address: c.LimitConnsAddr},
		ClickHouseMemory: int64(c.Memory) << 20, AllowPrivate: c.AllowPrivate, AllowHeadless: c.AllowHeadless, Profile: c.Profile,
		Out: s.Out, Log: s.log,
	}).Run(s.ctx)
}

// Config is what a Server is told. Only Data must be set.
type Config struct {
	Settings
	Listen           string // "" = defaultListen
	MetricsListen    string // "" = defaultMetricsListen, "off" = none
	BaseURL          baseurl.URL
	TrustedProxies   prefixes
	Roles            roles // empty = all
	Owner            Owner
	MetricsHosts     []string // names under which the metrics may be asked for, beside private ones
	GeoIP            string
	Demo             bool
	Limits           collect.Limits
	Connections      connections.Limits // 0 = as many as files may be open
	ClickHouseMemory int64              // bytes; 0 = the engine's default
	AllowPrivate     bool               // account polls may reach private addresses
	AllowHeadless    bool               // headless Chrome counts as a reader
	Profile          bool               // Go's profiles beside the metrics
	Out              io.Writer
	Log              *slog.Logger
	Now              func() time.Time
	Faults           Faults
}

// Owner is the first account, made at the start where there is none. Without
// Email there is none to make, and the log prints the link that makes it.
type Owner struct {
	Email    string
	Password func() (string, error) // asked only where the account is to be made
}

// Faults stand between parts that otherwise meet directly, so that
// internal/faulttest can slow, break and watch them. No flag and no variable
// sets them; the zero value is the program as it is.
type Faults struct {
	Files spool.Files                       // of the spool's log
	Spool func(collect.Spool) collect.Spool // as the collector sees it
	Sink  func(write.Sink) write.Sink       // as the writer sees it
}

// stopLimit is how long a server takes to stop at most. Those who stop
// programs (systemd, Docker) begin to kill after 10 seconds.
const stopLimit = 9 * time.Second

// Server is a running Earshot, the whole of it or some roles.
type Server struct {
	Config
	front *front
	ready chan struct{}

	addr net.Addr // set before ready
}

// NewServer starts nothing.
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

// Run runs the server until ctx ends, or until a part fails, and returns when
// everything is drained and stopped.
func (s *Server) Run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	p := &parts{log: s.Log, fail: fail}
	p.run("memory", keepMemory)
	err := s.start(ctx, p)
	if err == nil {
		close(s.ready)
		<-ctx.Done()
		s.say("stopping …")
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	} else if errors.Is(err, context.Canceled) {
		err = nil // asked to stop while starting
	}
	return errors.Join(err, p.stop(stopLimit))
}

// say tells the person at the terminal what goes on.
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
