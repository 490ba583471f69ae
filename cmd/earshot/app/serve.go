package app

import (
	"context"
	"errors"
	"time"

	"github.com/earshot-analytics/earshot/internal/baseurl"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/connections"
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
	EventsAlone    bool        `help:"Answer from events alone, and close no days: to see what closed days save." env:"EARSHOT_EVENTS_ALONE" hidden:""`
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
		ClickHouseMemory: int64(c.Memory) << 20, AllowPrivate: c.AllowPrivate, AllowHeadless: c.AllowHeadless, EventsAlone: c.EventsAlone, Profile: c.Profile,
		Out: s.Out, Log: s.log,
	}).Run(s.ctx)
}

// stopLimit is how long a server takes to stop at most. Those who stop
// programs (systemd, Docker) begin to kill after 10 seconds.
const stopLimit = 9 * time.Second

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
