package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
)

type accountsData struct {
	Form     *Form
	Accounts []accountRow
	Networks []Network
	Network  Network // the one that the form is for
	CanProbe bool
	Probe    *probeResult
}

type accountRow struct {
	meta.Account
	Of          Network // zero if its network can no longer be read
	NetworkName string
	State       string // "ok", "failing", "paused", "waiting", "held"
	Problem     string // of State "failing", in words
	Posts       string // what is wrong with reading its posts, in words; "" = nothing
	WantsKey    bool   // a new key would solve the problem
}

// Followers is the last count. Templates call it only if there is one.
func (a accountRow) Followers() int64 { return int64(*a.LastFollowers) }

// probeResult is what a test of an account gave.
type probeResult struct {
	New       bool // of an account that is not stored
	Handle    string
	Followers int64
	Rounded   bool
	Error     string
}

// probeTimeout bounds a test: its user waits for it.
const probeTimeout = 15 * time.Second

// accountsData is for the form of the network that f names, or else of the
// first.
func (s *Server) accountsData(c *gin.Context, f *Form) (accountsData, error) {
	d := accountsData{Form: f, Networks: s.Networks, CanProbe: s.Prober != nil}
	if n, ok := s.network(f.Value("network")); ok {
		d.Network = n
	} else if len(s.Networks) > 0 {
		d.Network = s.Networks[0]
	}
	accounts, err := s.Meta.Accounts(c.Request.Context(), requestOf(c).site.ID)
	if err != nil {
		return d, err
	}
	for _, a := range accounts {
		row := accountRow{Account: a, NetworkName: s.networkName(a.Network), State: accountState(a, s.Now()), Problem: s.problem(c, a.LastError)}
		if a.PostsError != "" {
			row.Posts = s.postsProblem(c, a.PostsError)
		}
		row.Of, _ = s.network(a.Network)
		row.WantsKey = row.State == "failing" && wantsKey(a.LastError) || wantsKey(a.PostsError)
		d.Accounts = append(d.Accounts, row)
	}
	return d, nil
}

// network finds a network whose followers can be read.
func (s *Server) network(key string) (Network, bool) {
	if i := slices.IndexFunc(s.Networks, func(n Network) bool { return n.Key == key }); i >= 0 {
		return s.Networks[i], true
	}
	return Network{}, false
}

func (s *Server) networkName(key string) string {
	if n, ok := s.network(key); ok {
		return n.Name
	}
	if name := s.NetworkNames[key]; name != "" {
		return name
	}
	return key
}

// problem is the sentence for a poller's problem key; a text that is no key is
// shown as it is.
func (s *Server) problem(c *gin.Context, key string) string {
	if s.strings.Has("problem." + key) {
		return s.printer(c).T("problem." + key)
	}
	return key
}

// wantsKey reports whether a new key would solve a problem.
func wantsKey(problem string) bool {
	return slices.Contains([]string{"unauthorized", "expired", "other"}, problem)
}

// postsProblem is the sentence for a problem key if it was reading posts that
// failed: some keys have another sentence then.
func (s *Server) postsProblem(c *gin.Context, key string) string {
	if s.strings.Has("problem.posts." + key) {
		return s.printer(c).T("problem.posts." + key)
	}
	return s.problem(c, key)
}

// soon is longer than a reading takes: an account whose next reading is later has
// been postponed.
const soon = 10 * time.Minute

func accountState(a meta.Account, now time.Time) string {
	switch {
	case !a.Enabled:
		return "paused"
	case a.LastError != "":
		return "failing"
	case a.LastReadingAt.IsZero() && a.NextPoll.Sub(now) > soon:
		return "held"
	case a.LastReadingAt.IsZero():
		return "waiting"
	}
	return "ok"
}

func (s *Server) accountsPage(c *gin.Context) error {
	d, err := s.accountsData(c, newForm("network", c.Query("network")))
	if err != nil {
		return err
	}
	return s.settings(c, http.StatusOK, "accounts", d)
}

// addAccount adds an account, or only tests it, depending on the button pressed.
func (s *Server) addAccount(c *gin.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	a := meta.Account{
		Site: requestOf(c).site.ID, Network: f.Value("network"), Handle: f.Value("handle"),
		BaseURL: f.Value("base_url"), Competitor: f.Checked("competitor"), Secret: meta.Secret(strings.TrimSpace(f.Value("password_key"))),
	}
	network, ok := s.network(a.Network)
	if !ok {
		f.fail("network", p.T("accounts.network_unknown"))
	} else if network.NeedsKey && a.Secret == "" {
		f.fail("password_key", p.T("accounts.key_needed", "network", network.Name))
	}
	var tried *probeResult
	add := f.OK()
	if f.OK() && f.Value("do") == "probe" && s.Prober != nil {
		var secret meta.Secret
		tried, secret, err = s.probe(c, a)
		tried.New = true
		if err := f.take(s, p, err); err != nil {
			return err
		}
		// The test may have exchanged the secret for a new one, which no page may
		// show: then the account is added with it.
		add = f.OK() && secret != ""
		if add {
			a.Secret = secret
		}
	}
	if add {
		_, err = s.Meta.AddAccount(c.Request.Context(), a)
		if err := f.take(s, p, err); err != nil {
			return err
		}
		if f.OK() {
			return s.saved(c, "accounts", p.T("accounts.added", "handle", a.Handle))
		}
	}
	d, err := s.accountsData(c, f)
	if err != nil {
		return err
	}
	if !f.OK() {
		return s.settings(c, http.StatusUnprocessableEntity, "accounts", d)
	}
	d.Probe = tried
	return s.settings(c, http.StatusOK, "accounts", d)
}

// changeAccount does what the pressed button says: remove, pause, resume,
// probe (test now), competitor, own (no competitor), known (see KnowReplaced) or
// key (a new secret).
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
	case "competitor":
		err, done = s.Meta.SetAccountCompetitor(ctx, site.ID, id, true), p.T("accounts.is_competitor", "handle", a.Handle)
	case "own":
		err, done = s.Meta.SetAccountCompetitor(ctx, site.ID, id, false), p.T("accounts.is_own", "handle", a.Handle)
	case "known":
		err, done = s.Meta.KnowReplaced(ctx, site.ID, id), p.T("accounts.known", "handle", a.Handle)
	case "key":
		secret := meta.Secret(strings.TrimSpace(f.Value("password_key")))
		if secret == "" {
			return badRequest("error.400.text")
		}
		err, done = s.Meta.SetAccountSecret(ctx, site.ID, id, secret), p.T("accounts.key_changed", "handle", a.Handle)
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

// probeAccount tries an account that is stored.
func (s *Server) probeAccount(c *gin.Context, a meta.Account) error {
	result, secret, err := s.probe(c, a)
	if err != nil {
		result.Error = err.Error() // stored by an older version: shown as it is
	}
	if secret != "" {
		if err := s.Meta.SetAccountSecret(c.Request.Context(), a.Site, a.ID, secret); err != nil {
			return err
		}
	}
	d, err := s.accountsData(c, newForm())
	if err != nil {
		return err
	}
	d.Probe = result
	return s.settings(c, http.StatusOK, "accounts", d)
}

// probe asks an account's network. Its error is an *meta.InvalidError; what
// the network says against the account is in the result.
func (s *Server) probe(c *gin.Context, a meta.Account) (*probeResult, meta.Secret, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), probeTimeout)
	defer cancel()
	got, err := s.Prober.Probe(ctx, a)
	result := &probeResult{Handle: a.Handle, Followers: int64(got.Followers), Rounded: got.Rounded}
	var invalid *meta.InvalidError
	if errors.As(err, &invalid) {
		return result, "", err
	}
	if err != nil {
		result.Error = s.problem(c, err.Error())
	}
	return result, got.Secret, nil
}
