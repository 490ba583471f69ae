package social

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// Accounts is where the poller finds what to read; internal/meta has it.
type Accounts interface {
	AllAccounts(ctx context.Context) ([]meta.Account, error)
	// ClaimPoll takes an account that is due; false = another poller has it.
	ClaimPoll(ctx context.Context, id int64, due, until time.Time) (bool, error)
	SaveAccountState(ctx context.Context, id int64, state meta.AccountState) error
	SetAccountSecret(ctx context.Context, site uint32, id int64, secret meta.Secret) error
	SiteByID(ctx context.Context, id uint32) (meta.Site, error)
}

// Sink keeps readings durably before it returns.
type Sink interface {
	RecordFollowers(ctx context.Context, count event.FollowerCount) error
	RecordPosts(ctx context.Context, posts []event.PostFigures) error
}

// Pages knows the pages of sites; internal/enrich has it.
type Pages interface {
	// Landing is the page of the site of that domain that a link leads to, and
	// the share ID that the link carries; false = it leads elsewhere.
	Landing(link, domain string, r event.PageRules) (path, shareID string, ok bool)
}

const (
	// PollEvery is the time between two readings of an account, ±jitterPercent.
	PollEvery = 6 * time.Hour
	// A failed reading is tried again after firstRetry, then after twice as
	// long each time, up to lastRetry.
	firstRetry = 5 * time.Minute
	lastRetry  = 24 * time.Hour

	// Secrets that last 60 days are renewed every week: if one is still too
	// young, or its network is down, there is time for many more attempts.
	renewEvery = 7 * 24 * time.Hour
	renewAgain = 24 * time.Hour // after it failed

	jitterPercent = 10

	lookEvery   = 5 * time.Second  // a new account is read this soon
	readTimeout = 30 * time.Second // of one reading
	postTimeout = time.Minute      // of a reading of posts: some networks are asked for each
	lease       = 5 * time.Minute  // an account that a dead poller had claimed is free again after this
	hostsAtOnce = 4
)

// Poller reads every account on its schedule.
type Poller struct {
	Accounts Accounts
	Sink     Sink
	Pages    Pages
	Client   *http.Client
	Log      *slog.Logger
	Now      func() time.Time
	// Connector finds a network's connector; nil means ByNetwork.
	Connector func(network string) (Connector, bool)

	mu    sync.Mutex
	quiet map[string]time.Time // by host: not to be asked before
}

// Run polls until ctx ends and the readings under way have ended with it.
func (p *Poller) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		p.round(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// due is an account to read now.
type due struct {
	account   meta.Account
	connector Connector
}

// round reads what is due: hosts in parallel, the accounts of one host one by
// one.
func (p *Poller) round(ctx context.Context) {
	list, err := p.Accounts.AllAccounts(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.Log.Error("poll accounts", "err", err)
		}
		return
	}
	// The longest overdue first: an account that keeps making its host ask for
	// quiet must not starve the others there.
	slices.SortFunc(list, func(a, b meta.Account) int { return a.NextPoll.Compare(b.NextPoll) })
	byHost := map[string][]due{}
	for _, a := range list {
		if !a.Enabled || a.NextPoll.After(p.Now()) {
			continue
		}
		c, ok := p.connector(a.Network)
		if !ok {
			continue // imported history of a network that can't be read
		}
		host := c.Host(toAccount(a))
		if until, quiet := p.quietUntil(host); quiet {
			// Stored, so that the page shows it and other processes know; due a
			// second before the account that was refused, which then comes
			// last.
			if _, err := p.Accounts.ClaimPoll(ctx, a.ID, a.NextPoll, until.Add(-time.Second)); err != nil && ctx.Err() == nil {
				p.Log.Error("put off a poll", "account", a.ID, "err", err)
			}
			continue
		}
		byHost[host] = append(byHost[host], due{a, c})
	}
	var work sync.WaitGroup
	places := make(chan struct{}, hostsAtOnce)
	for host, accounts := range byHost {
		work.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			for _, d := range accounts {
				if _, quiet := p.quietUntil(host); quiet || ctx.Err() != nil {
					return
				}
				if !p.read(ctx, host, d) {
					return // the next round has its other accounts, beside what is due elsewhere by then
				}
			}
		})
	}
	work.Wait()
}

// read reads an account, and reports whether its host answers.
func (p *Poller) read(ctx context.Context, host string, d due) (answers bool) {
	now := p.Now()
	mine, err := p.Accounts.ClaimPoll(ctx, d.account.ID, d.account.NextPoll, now.Add(lease))
	if err != nil || !mine {
		if err != nil && ctx.Err() == nil {
			p.Log.Error("claim a poll", "account", d.account.ID, "err", err)
		}
		return true
	}
	reading, err := p.ask(ctx, d)
	if reading.Secret != "" {
		// The network has already forgotten the old one: keep it whatever else
		// becomes of this poll.
		if err := p.Accounts.SetAccountSecret(context.WithoutCancel(ctx), d.account.Site, d.account.ID, meta.Secret(reading.Secret)); err != nil {
			p.Log.Error("keep an account's new secret", "account", d.account.ID, "err", err)
		}
	}
	state := d.account.AccountState
	if ended := p.ended(ctx, d.account, reading, err, &state); ended != nil {
		err = ended
	} else if err == nil {
		err = p.record(ctx, d.account, reading)
	}
	if err != nil && ctx.Err() != nil {
		return true // stopped half-way: the lease runs out and it is read again
	}
	now = p.Now()
	wait := reading.Pause
	if err == nil {
		state.LastReadingAt, state.LastFollowers, state.LastRounded = now, &reading.Followers, reading.Rounded
		state.LastError, state.LastErrorAt, state.Failures, state.MovedTo = "", time.Time{}, 0, ""
		if wait == 0 {
			wait = p.readPosts(ctx, d, reading, &state)
		}
		if wait == 0 {
			p.renew(ctx, d, &state)
		}
		if ctx.Err() != nil {
			return true
		}
		now = p.Now()
		state.NextPoll = now.Add(jitter(PollEvery))
	} else {
		problem := asError(err)
		wait = problem.Wait
		state.LastError, state.LastErrorAt = string(problem.Problem), now
		state.Failures++
		state.NextPoll = now.Add(max(wait, jitter(retryAfter(state.Failures))))
		p.Log.Warn("read an account", "network", d.account.Network, "account", d.account.ID, "problem", problem.Problem, "error", problem.Err, "failures", state.Failures)
	}
	if wait > 0 {
		p.silence(host, now.Add(wait))
	}
	if err := p.Accounts.SaveAccountState(ctx, d.account.ID, state); err != nil {
		p.Log.Error("save an account's state", "account", d.account.ID, "err", err)
	}
	return state.LastError != string(Unreachable)
}

func (p *Poller) ask(ctx context.Context, d due) (Reading, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return d.connector.Read(ctx, p.Client, toAccount(d.account))
}

// ended ends the account's following where the account says that it moved, or
// where its name now belongs to another account, and notes that in state. In
// the second case the name is read on, as a following of its own.
func (p *Poller) ended(ctx context.Context, a meta.Account, r Reading, err error, state *meta.AccountState) error {
	moved := err != nil && asError(err).Problem == Moved
	replaced := err == nil && state.PermanentID != "" && r.ID != "" && r.ID != state.PermanentID
	if (moved || replaced) && state.LastFollowers != nil {
		err := p.Sink.RecordFollowers(ctx, event.FollowerCount{
			Site: a.Site, Time: p.Now().UTC().Truncate(time.Second).Add(-time.Second), Network: a.Network, Account: a.Handle,
			Origin: event.OriginPoll, Ended: true,
		})
		if err != nil {
			return err // to be tried again
		}
		state.LastFollowers = nil
	}
	if moved {
		state.MovedTo = asError(err).To
	}
	if replaced {
		state.ReplacedAt = p.Now()
		p.Log.Warn("an account's name is another's now", "network", a.Network, "account", a.ID, "was", state.PermanentID, "is", r.ID)
	}
	if r.ID != "" {
		state.PermanentID = r.ID
	}
	return nil
}

func (p *Poller) record(ctx context.Context, a meta.Account, r Reading) error {
	return p.Sink.RecordFollowers(ctx, event.FollowerCount{
		Site: a.Site, Time: p.Now().UTC().Truncate(time.Second), Network: a.Network, Account: a.Handle,
		Followers: r.Followers, Following: r.Following, Posts: r.Posts, Rounded: r.Rounded, Origin: event.OriginPoll,
	})
}

// readPosts reads an account's posts where its network has their figures, and
// notes in state how that went: whatever becomes of it, the followers are
// read. wait is as Reading.Pause.
func (p *Poller) readPosts(ctx context.Context, d due, r Reading, state *meta.AccountState) (wait time.Duration) {
	reader, ok := d.connector.(PostReader)
	if every := d.connector.About().PostsEvery; !ok || p.Now().Sub(state.PostsAt) < every {
		return 0
	}
	reading, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	posts, wait, err := reader.Posts(reading, p.Client, toAccount(d.account), r)
	if kept := p.recordPosts(ctx, d.account, posts); kept != nil && err == nil {
		err = kept
	}
	if ctx.Err() != nil {
		return 0
	}
	if err == nil {
		state.PostsAt, state.PostsError = p.Now(), ""
		return wait
	}
	problem := asError(err)
	state.PostsError = string(problem.Problem)
	p.Log.Warn("read an account's posts", "network", d.account.Network, "account", d.account.ID, "problem", problem.Problem, "error", problem.Err)
	return max(wait, problem.Wait)
}

func (p *Poller) recordPosts(ctx context.Context, a meta.Account, posts []Post) error {
	now := p.Now().UTC().Truncate(time.Second)
	if posts = recent(posts, now); len(posts) == 0 {
		return nil
	}
	site, err := p.Accounts.SiteByID(ctx, a.Site)
	if err != nil {
		return err
	}
	list := make([]event.PostFigures, len(posts))
	for i, post := range posts {
		list[i] = post.figures(a.Site, a.Network, a.Handle, now, func(link string) (path, shareID string, ok bool) {
			return p.Pages.Landing(link, site.Domain, site.Pages())
		})
	}
	return p.Sink.RecordPosts(ctx, list)
}

// renew asks for a new secret before the account's runs out, and notes in state
// when to do so next.
func (p *Poller) renew(ctx context.Context, d due, state *meta.AccountState) {
	renewer, ok := d.connector.(Renewer)
	if !ok || state.RenewAt.After(p.Now()) {
		return
	}
	asking, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	secret, err := renewer.Renew(asking, p.Client, toAccount(d.account))
	if err == nil && secret != "" {
		err = p.Accounts.SetAccountSecret(context.WithoutCancel(ctx), d.account.Site, d.account.ID, meta.Secret(secret))
	}
	if err != nil {
		// The old one still works; once it doesn't, a reading's problem says so.
		p.Log.Info("an account's secret is not renewed yet", "network", d.account.Network, "account", d.account.ID, "err", err)
		state.RenewAt = p.Now().Add(renewAgain)
		return
	}
	state.RenewAt = p.Now().Add(renewEvery)
}

func (p *Poller) connector(network string) (Connector, bool) {
	if p.Connector != nil {
		return p.Connector(network)
	}
	return ByNetwork(network)
}

// quietUntil is until when a host asks for quiet, where it does.
func (p *Poller) quietUntil(host string) (until time.Time, quiet bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	until, quiet = p.quiet[host]
	if quiet && !until.After(p.Now()) {
		delete(p.quiet, host)
		return until, false
	}
	return until, quiet
}

func (p *Poller) silence(host string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet == nil {
		p.quiet = map[string]time.Time{}
	}
	if until.After(p.quiet[host]) {
		p.quiet[host] = until
	}
}

// retryAfter doubles with each failure in a row.
func retryAfter(failures int) time.Duration {
	wait := firstRetry
	for range min(failures-1, 20) {
		wait *= 2
	}
	return min(wait, lastRetry)
}

// jitter spreads d by ±jitterPercent, so that accounts added together are not
// asked for together for ever.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration((2*rand.Float64()-1)*jitterPercent/100*float64(d))
}

func toAccount(a meta.Account) Account {
	return Account{Handle: a.Handle, BaseURL: a.BaseURL, Secret: string(a.Secret)}
}
