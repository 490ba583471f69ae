package meta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestTokens(t *testing.T) {
	s, ctx := open(t), t.Context()
	a, b := addSite(t, s, "a.example"), addSite(t, s, "b.example")
	mine, plain, err := s.AddToken(ctx, Token{SiteID: a.ID, Name: "spreadsheet"})
	if err != nil || mine.Kind != TokenStats || !strings.HasPrefix(plain, mine.Prefix) {
		t.Fatal(mine, plain, err)
	}
	all, plainAll, err := s.AddToken(ctx, Token{Kind: TokenIngest})
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := s.AddToken(ctx, Token{SiteID: b.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AddToken(ctx, Token{SiteID: 99}); err != ErrNotFound {
		t.Errorf("token of no site: %v", err)
	}
	_, _, err = s.AddToken(ctx, Token{Kind: "root"})
	wantInvalid(t, err, "kind", ReasonUnknown)

	if got, err := s.TokenByPlain(ctx, plain); err != nil || got.ID != mine.ID || got.LastUsed.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.TokenByPlain(ctx, plainAll); err != nil || got.SiteID != 0 || got.Kind != TokenIngest {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := s.TokenByPlain(ctx, plain+"x"); err != ErrNotFound {
		t.Error(err)
	}
	now := time.Now()
	s.now = func() time.Time { return now }
	_, _, err = s.AddToken(ctx, Token{Expires: now})
	wantInvalid(t, err, "expires", ReasonPast)
	short, plainShort, err := s.AddToken(ctx, Token{SiteID: a.ID, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour - time.Millisecond)
	if got, err := s.TokenByPlain(ctx, plainShort); err != nil || !got.Expires.Equal(short.Expires.Truncate(time.Millisecond)) {
		t.Errorf("before its end: %+v, %v", got, err)
	}
	now = now.Add(time.Minute)
	if got, err := s.TokenByPlain(ctx, plainShort); err != ErrExpired || got.ID != short.ID {
		t.Errorf("after its end: %+v, %v", got, err)
	}
	if err := s.RemoveToken(ctx, a.ID, short.ID); err != nil {
		t.Error(err)
	}
	for day, want := range map[string]string{"2026-03-29": "2026-03-29T22:00:00Z", "2026-12-31": "2026-12-31T23:00:00Z"} {
		paris, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		if end, err := TokenEnd(day, paris); err != nil || end.UTC().Format(time.RFC3339) != want {
			t.Errorf("the end of %s: %v, %v", day, end, err)
		}
	}
	_, err = TokenEnd("31.12.2026", time.UTC)
	wantInvalid(t, err, "expires", ReasonFormat)

	ids := func(list []Token) (ids []int64) {
		for _, t := range list {
			ids = append(ids, t.ID)
		}
		return ids
	}
	ofA, err := s.Tokens(ctx, a.ID)
	if diff := cmp.Diff([]int64{mine.ID, all.ID}, ids(ofA)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := s.RemoveToken(ctx, a.ID, other.ID); err != ErrNotFound {
		t.Errorf("ended another site's token: %v", err)
	}
	if err := s.RemoveToken(ctx, a.ID, mine.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.TokenByPlain(ctx, plain); err != ErrNotFound {
		t.Errorf("an ended token opens: %v", err)
	}
	if err := s.RemoveSite(ctx, b.ID); err != nil {
		t.Fatal(err)
	}
	if list, _ := s.Tokens(ctx, 0); len(list) != 1 {
		t.Errorf("tokens after their site is gone: %v", list)
	}
}

func TestAccounts(t *testing.T) {
	s, ctx := open(t), t.Context()
	site := addSite(t, s, "a.example")
	a, err := s.AddAccount(ctx, Account{Site: site.ID, Network: "Mastodon", Handle: " @alice@example.social ", BaseURL: "https://example.social/", Secret: "hush hush"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon", Handle: "@alice@example.social"})
	wantInvalid(t, err, "handle", ReasonTaken)
	for _, address := range []string{"file:///etc/passwd", "https://a:b@example.social", "https://example.social/?a=b", "https://example.social/#a"} {
		_, err = s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon", Handle: "x", BaseURL: address})
		wantInvalid(t, err, "base_url", ReasonFormat)
	}
	_, err = s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon"})
	wantInvalid(t, err, "handle", ReasonEmpty)
	if _, err := s.AddAccount(ctx, Account{Site: 99, Network: "mastodon", Handle: "x"}); err != ErrNotFound {
		t.Error(err)
	}

	zero := uint64(0)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	a.AccountState = AccountState{LastReadingAt: at, LastFollowers: &zero, LastError: "", NextPoll: at.Add(time.Hour), PostsAt: at.Add(time.Second), PostsError: "unauthorized", RenewAt: at.Add(2 * time.Hour)}
	if err := s.SaveAccountState(ctx, a.ID, a.AccountState); err != nil {
		t.Fatal(err)
	}
	got, err := s.Accounts(ctx, site.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := a
	want.Network, want.Handle, want.BaseURL = "mastodon", "@alice@example.social", "https://example.social"
	if diff := cmp.Diff([]Account{want}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	due, until := a.NextPoll, a.NextPoll.Add(time.Minute)
	for i, want := range []bool{true, false} {
		if ok, err := s.ClaimPoll(ctx, a.ID, due, until); ok != want || err != nil {
			t.Errorf("claim %d: %v, %v", i, ok, err)
		}
	}
	if err := s.SetAccountEnabled(ctx, site.ID, a.ID, false); err != nil {
		t.Error(err)
	}
	if ok, err := s.ClaimPoll(ctx, a.ID, time.Time{}, until); ok || err != nil {
		t.Errorf("a stopped account was claimed: %v", err)
	}
	if got, err := s.AccountByID(ctx, a.ID); err != nil || got.Enabled || !got.NextPoll.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.SetAccountSecret(ctx, site.ID+1, a.ID, "stolen"); err != ErrNotFound {
		t.Errorf("changed another site's account: %v", err)
	}
	if err := s.SetAccountSecret(ctx, site.ID, a.ID, "hush hush hush"); err != nil {
		t.Error(err)
	}
	if got, err := s.AccountByID(ctx, a.ID); err != nil || got.Secret != "hush hush hush" {
		t.Errorf("the new secret doesn't open: %v", err)
	}
	if err := s.RemoveAccount(ctx, site.ID+1, a.ID); err != ErrNotFound {
		t.Errorf("removed another site's account: %v", err)
	}

	// Neither the file nor printed text reveals the secret.
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", a, a, a, a.Secret), string(must(json.Marshal(a)))} {
		if strings.Contains(text, "hush") {
			t.Errorf("printed: %s", text)
		}
	}
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(s.path), "*"))
	for _, f := range files {
		if b := must(os.ReadFile(f)); bytes.Contains(b, []byte("hush hush")) {
			t.Errorf("%s holds the secret", f)
		}
		if info := must(os.Stat(f)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f, info.Mode())
		}
	}

	// A secret moved to another account doesn't open, and the account says so.
	b, err := s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon", Handle: "@bob@example.social"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec("UPDATE accounts SET secret = (SELECT secret FROM accounts WHERE id = ?) WHERE id = ?", a.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	if b, err = s.AccountByID(ctx, b.ID); err != nil || b.Secret != "" || b.LastError == "" {
		t.Errorf("got %+v, %v", b, err)
	}
	if err := s.RemoveSite(ctx, site.ID); err != nil {
		t.Fatal(err)
	}
	if list, err := s.AllAccounts(ctx); len(list) != 0 || err != nil {
		t.Errorf("accounts after their site is gone: %v, %v", list, err)
	}
}

// Whose an account is can be set when it is added and changed later; it is
// still known when the account is removed, as its readings stay.
func TestCompetitors(t *testing.T) {
	s, ctx := open(t), t.Context()
	site, other := addSite(t, s, "a.example"), addSite(t, s, "b.example")
	add := func(handle string, competitor bool) Account {
		t.Helper()
		a, err := s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon", Handle: handle, Competitor: competitor})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	competitors := func() string {
		t.Helper()
		list, err := s.Competitors(ctx, site.ID)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(list)
	}
	own, rival := add("@own@a.example", false), add("@rival@a.example", true)
	if got := competitors(); got != "[{mastodon @rival@a.example}]" {
		t.Errorf("competitors %s", got)
	}
	if a, err := s.AccountByID(ctx, rival.ID); err != nil || !a.Competitor {
		t.Errorf("read back: %+v, %v", a, err)
	}
	if err := s.SetAccountCompetitor(ctx, other.ID, own.ID, true); err != ErrNotFound {
		t.Errorf("marked from another site: %v", err)
	}
	for range 2 { // again changes nothing
		if err := s.SetAccountCompetitor(ctx, site.ID, own.ID, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetAccountCompetitor(ctx, site.ID, own.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveAccount(ctx, site.ID, rival.ID); err != nil {
		t.Fatal(err)
	}
	if got := competitors(); got != "[{mastodon @rival@a.example}]" {
		t.Errorf("after it was removed: %s", got)
	}
	add("@rival@a.example", false) // added as one's own, it is
	if got := competitors(); got != "[]" {
		t.Errorf("added again as one's own: %s", got)
	}
	add("@third@a.example", true)
	if err := s.RemoveSite(ctx, site.ID); err != nil {
		t.Fatal(err)
	}
	if got := competitors(); got != "[]" {
		t.Errorf("without the site: %s", got)
	}
}

// The version changes with what AccountNames says and with nothing else.
func TestAccountsVersion(t *testing.T) {
	s, ctx := open(t), t.Context()
	site, other := addSite(t, s, "a.example"), addSite(t, s, "b.example")
	version := func() int64 {
		t.Helper()
		v, err := s.AccountsVersion(ctx, site.ID)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	last := version()
	step := func(what string, changes bool, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if now := version(); (now != last) != changes {
			t.Errorf("%s: version %d after %d", what, now, last)
		} else {
			last = now
		}
	}
	var a Account
	step("an account", true, func() (err error) {
		a, err = s.AddAccount(ctx, Account{Site: site.ID, Network: "mastodon", Handle: "@a@a.example", Secret: "x"})
		return err
	})
	step("another site's", false, func() error {
		_, err := s.AddAccount(ctx, Account{Site: other.ID, Network: "mastodon", Handle: "@b@a.example"})
		return err
	})
	step("a secret", false, func() error { return s.SetAccountSecret(ctx, site.ID, a.ID, "y") })
	step("a pause", false, func() error { return s.SetAccountEnabled(ctx, site.ID, a.ID, false) })
	step("a competitor", true, func() error { return s.SetAccountCompetitor(ctx, site.ID, a.ID, true) })
	step("a competitor by name", true, func() error { return s.MarkCompetitor(ctx, site.ID, AccountName{"x", "@gone"}) })
	if names, err := s.AccountNames(ctx, site.ID); err != nil || fmt.Sprint(names) != "{[{mastodon @a@a.example}] [{mastodon @a@a.example} {x @gone}]}" {
		t.Errorf("names %v, %v", names, err)
	}
	step("an account removed", true, func() error { return s.RemoveAccount(ctx, site.ID, a.ID) })
	if names, err := s.AccountNames(ctx, site.ID); err != nil || len(names.Followed) != 0 || len(names.Others) != 2 {
		t.Errorf("names %v, %v", names, err)
	}
	step("the site removed", true, func() error { return s.RemoveSite(ctx, site.ID) })
}
