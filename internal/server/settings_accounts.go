package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type accountsData struct {
	Form     *Form
	Accounts []accountRow
	Networks []Network
	CanProbe bool
	Probe    *probeResult
}

type accountRow struct {
	meta.Account
	NetworkName string
	State       string // "ok", "failing", "paused", "waiting"
	Problem     string // of State "failing", in words
}

// Followers is the last count; rows without one aren't asked.
func (a accountRow) Followers() int64 { return int64(*a.LastFollowers) }

// probeResult is what a test of an account gave.
type probeResult struct {
	Handle    string
	Followers int64
	Error     string
}

// probeTimeout bounds a test: its user waits for it.
const probeTimeout = 15 * time.Second

func (s *Server) accountsData(c *gin.Context, f *Form) (accountsData, error) {
	d := accountsData{Form: f, Networks: s.Networks, CanProbe: s.Prober != nil}
	accounts, err := s.Meta.Accounts(c.Request.Context(), requestOf(c).site.ID)
	if err != nil {
		return d, err
	}
	for _, a := range accounts {
		d.Accounts = append(d.Accounts, accountRow{a, s.networkName(a.Network), accountState(a), s.problem(c, a.LastError)})
	}
	return d, nil
}

func (s *Server) networkName(key string) string {
	if i := slices.IndexFunc(s.Networks, func(n Network) bool { return n.Key == key }); i >= 0 {
		return s.Networks[i].Name
	}
	return key
}

// problem is what a poller's problem key means; what is no key is shown as it is.
func (s *Server) problem(c *gin.Context, key string) string {
	if s.strings.Has("problem." + key) {
		return s.printer(c).T("problem." + key)
	}
	return key
}

func accountState(a meta.Account) string {
	switch {
	case !a.Enabled:
		return "paused"
	case a.LastError != "":
		return "failing"
	case a.LastReadingAt.IsZero():
		return "waiting"
	}
	return "ok"
}

func (s *Server) accountsPage(c *gin.Context) error {
	d, err := s.accountsData(c, newForm())
	if err != nil {
		return err
	}
	return s.settings(c, http.StatusOK, "accounts", d)
}

func (s *Server) addAccount(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	a := meta.Account{
		Site: requestOf(c).site.ID, Network: f.Value("network"), Handle: f.Value("handle"),
		BaseURL: f.Value("base_url"), Secret: meta.Secret(f.Value("password_key")),
	}
	if !slices.ContainsFunc(s.Networks, func(n Network) bool { return n.Key == a.Network }) {
		f.fail("network", p.T("accounts.network_unknown"))
	} else {
		_, err = s.Meta.AddAccount(c.Request.Context(), a)
		if err := f.take(s, p, err); err != nil {
			return err
		}
	}
	if !f.OK() {
		d, err := s.accountsData(c, f)
		if err != nil {
			return err
		}
		return s.settings(c, http.StatusUnprocessableEntity, "accounts", d)
	}
	return s.saved(c, "accounts", p.T("accounts.added", "handle", a.Handle))
}

// changeAccount does what the pressed button says: remove, pause, resume, probe.
func (s *Server) changeAccount(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errNotFound
	}
	ctx, p, site := c.Request.Context(), s.printer(c), requestOf(c).site
	a, err := s.Meta.AccountByID(ctx, id)
	if err != nil {
		return err
	}
	if a.Site != site.ID {
		return errNotFound
	}
	done := ""
	switch f.Value("do") {
	case "remove":
		err, done = s.Meta.RemoveAccount(ctx, site.ID, id), p.T("accounts.removed", "handle", a.Handle)
	case "pause":
		err, done = s.Meta.SetAccountEnabled(ctx, site.ID, id, false), p.T("accounts.paused", "handle", a.Handle)
	case "resume":
		err, done = s.Meta.SetAccountEnabled(ctx, site.ID, id, true), p.T("accounts.resumed", "handle", a.Handle)
	case "probe":
		if s.Prober == nil {
			return errNotFound
		}
		return s.probeAccount(c, a)
	default:
		return badRequest("error.400.text")
	}
	if err != nil {
		return err
	}
	return s.saved(c, "accounts", done)
}

func (s *Server) probeAccount(c *gin.Context, a meta.Account) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTimeout)
	defer cancel()
	result := &probeResult{Handle: a.Handle}
	n, err := s.Prober.Probe(ctx, a)
	if err != nil {
		result.Error = s.problem(c, err.Error())
	}
	result.Followers = int64(n)
	d, err := s.accountsData(c, newForm())
	if err != nil {
		return err
	}
	d.Probe = result
	return s.settings(c, http.StatusOK, "accounts", d)
}
