package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/server"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/spool"
)

// lateDB stands for ClickHouse in parts that are made before it answers. Until
// then, its methods return an error that says so.
type lateDB struct{ db atomic.Pointer[store] }

func (l *lateDB) set(db *store) { l.db.Store(db) }

func (l *lateDB) get() (*store, bool) {
	db := l.db.Load()
	return db, db != nil
}

// with runs f on the database.
func (l *lateDB) with(f func(*store) error) error {
	db, ok := l.get()
	if !ok {
		return clickhouse.ErrUnavailable
	}
	return f(db)
}

// Select is rows.Runner's.
func (l *lateDB) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	return l.with(func(db *store) error { return db.Select(ctx, sql, args, each) })
}

// Insert is imports.Readings'.
func (l *lateDB) Insert(ctx context.Context, token string, facts event.Rows) error {
	return l.with(func(db *store) error { return db.Insert(ctx, token, facts) })
}

// RemoveImported is imports.Readings'.
func (l *lateDB) RemoveImported(ctx context.Context, e *event.Entry, site uint32, origin string) error {
	return l.with(func(db *store) error { return db.RemoveImported(ctx, e, site, origin) })
}

// RemoveSite is server.SiteEraser's.
func (l *lateDB) RemoveSite(ctx context.Context, site uint32) error {
	return l.with(func(db *store) error { return db.RemoveSite(ctx, site) })
}

// webMeta is the meta store as the pages use it: accounts are checked by
// checkAccount before they are stored.
type webMeta struct{ *meta.Store }

func (m webMeta) AddAccount(ctx context.Context, a meta.Account) (meta.Account, error) {
	if err := checkAccount(&a); err != nil {
		return meta.Account{}, err
	}
	return m.Store.AddAccount(ctx, a)
}

// ingestTokens are the tokens that send events: collect.Tokens.
type ingestTokens struct{ meta *meta.Store }

func (t ingestTokens) IngestToken(ctx context.Context, text string) (collect.Token, error) {
	token, err := t.meta.TokenByPlain(ctx, text)
	switch {
	case errors.Is(err, meta.ErrNotFound):
		return collect.Token{}, collect.ErrNoToken
	case errors.Is(err, meta.ErrExpired):
		return collect.Token{}, collect.ErrOldToken
	case err != nil:
		return collect.Token{}, fmt.Errorf("find token: %w", err)
	case token.Kind != meta.TokenIngest:
		return collect.Token{}, collect.ErrOtherToken
	}
	return collect.Token{ID: token.ID, Site: token.SiteID}, nil
}

// networkNames are the names of all networks, by key.
func networkNames(lists *enrich.Enricher) map[string]string {
	names := map[string]string{}
	for _, c := range social.Connectors() {
		names[c.Network()] = c.About().Name
	}
	for _, n := range lists.Networks() {
		names[n.Key] = n.Title
	}
	return names
}

// readable are the networks whose followers can be read.
func readable() []server.Network {
	var all []server.Network
	for _, c := range social.Connectors() {
		a := c.About()
		all = append(all, server.Network{
			Key: c.Network(), Name: a.Name, Example: a.Example, Handle: a.Handle,
			TakesKey: a.Secret != social.Never, NeedsKey: a.Secret == social.Required, KeyName: a.SecretName, KeyHelp: a.SecretHelp,
			TakesURL: a.Server != social.Never, RoundedBy: a.Rounded,
		})
	}
	return all
}

// networkKey finds a network's key by a name that people use for it, among the
// networks that visits come from and those whose followers are read.
func networkKey(lists *enrich.Enricher) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		if key, ok := lists.NormalizeNetwork(name); ok {
			return key, true
		}
		name = strings.TrimSpace(name)
		for _, c := range social.Connectors() {
			if strings.EqualFold(name, c.Network()) || strings.EqualFold(name, c.About().Name) {
				return c.Network(), true
			}
		}
		return "", false
	}
}

// readingSink puts the poller's readings into the spool.
type readingSink struct{ spool *spool.Spool }

func (r readingSink) RecordFollowers(ctx context.Context, c event.FollowerCount) error {
	return r.spool.Append(ctx, event.Followers.Append(nil, &c))
}

func (r readingSink) RecordPosts(ctx context.Context, posts []event.PostFigures) error {
	records := make([][]byte, len(posts))
	for i, p := range posts {
		records[i] = event.Posts.Append(nil, &p)
	}
	return r.spool.Append(ctx, records...)
}
