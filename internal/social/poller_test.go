package social

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// fake is a network whose answers the test sets.
type fake struct {
	mu    sync.Mutex
	reads map[string][]time.Time
	say   func(handle string, nth int) (Reading, error)
	posts func(nth int) ([]Post, time.Duration, error) // nil = none
	asked int                                          // for posts
	every time.Duration
}

func (*fake) Network() string                { return "fake" }
func (*fake) Parse(s string) (Account, bool) { return Account{Handle: s}, true }
func (*fake) Host(a Account) string          { return cmp.Or(a.BaseURL, "fake.example") }
func (f *fake) About() About                 { return About{Example: "@someone", PostsEvery: f.every} }
func (f *fake) Read(ctx context.Context, _ *http.Client, a Account) (Reading, error) {
	f.mu.Lock()
	f.reads[a.Handle] = append(f.reads[a.Handle], time.Now())
	n := len(f.reads[a.Handle])
	f.mu.Unlock()
	return f.say(a.Handle, n)
}

func (f *fake) Posts(context.Context, *http.Client, Account, Reading) ([]Post, time.Duration, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if f.posts == nil {
		return nil, 0, nil
	}
	return f.posts(f.asked)
}

// desk is the accounts' store and the readings' sink, in memory.
type desk struct {
	mu       sync.Mutex
	accounts map[int64]meta.Account
	readings []event.FollowerCount
	posts    []event.PostFigures
	full     bool // for followers
	noPosts  bool // full for posts
}

func (d *desk) AllAccounts(context.Context) ([]meta.Account, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []meta.Account
	for id := int64(1); id <= int64(len(d.accounts)); id++ {
		out = append(out, d.accounts[id])
	}
	return out, nil
}

func (d *desk) ClaimPoll(_ context.Context, id int64, due, until time.Time) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[id]
	if !a.NextPoll.Equal(due) {
		return false, nil
	}
	a.NextPoll = until
	d.accounts[id] = a
	return true, nil
}

func (d *desk) SaveAccountState(_ context.Context, id int64, s meta.AccountState) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[id]
	a.AccountState = s
	d.accounts[id] = a
	return nil
}

func (d *desk) SetAccountSecret(_ context.Context, _ uint32, id int64, secret meta.Secret) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[id]
	a.Secret = secret
	d.accounts[id] = a
	return nil
}

func (d *desk) RecordFollowers(_ context.Context, c event.FollowerCount) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return context.DeadlineExceeded
	}
	d.readings = append(d.readings, c)
	return nil
}

func (d *desk) RecordPosts(_ context.Context, posts []event.PostFigures) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.noPosts {
		return context.DeadlineExceeded
	}
	d.posts = append(d.posts, posts...)
	return nil
}

func (d *desk) SiteByID(_ context.Context, id uint32) (meta.Site, error) {
	site := meta.NewSite("blog.example")
	site.ID = id
	return site, nil
}

func (d *desk) state(id int64) meta.AccountState {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.accounts[id].AccountState
}

var lists = func() *enrich.Enricher {
	e, err := enrich.New(enrich.Options{})
	if err != nil {
		panic(err)
	}
	return e
}()

// play runs n pollers over the desk for the given time, on a clock of its own.
func play(t *testing.T, n int, d *desk, f Connector, long time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var all sync.WaitGroup
	for range n {
		p := &Poller{Accounts: d, Sink: d, Pages: lists, Client: http.DefaultClient, Log: slog.New(slog.DiscardHandler), Now: time.Now,
			Connector: func(network string) (Connector, bool) { return f, network == "fake" }}
		all.Go(func() { _ = p.Run(ctx) })
	}
	all.Wait()
}

func newDesk(handles ...string) *desk {
	d := &desk{accounts: map[int64]meta.Account{}}
	for i, h := range handles {
		d.accounts[int64(i+1)] = meta.Account{ID: int64(i + 1), Site: 7, Network: "fake", Handle: h, Enabled: true}
	}
	return d
}

func TestPollsOnScheduleAndOnceHoweverManyPollers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(_ string, n int) (Reading, error) { return Reading{Followers: uint64(100 + n)}, nil }}
		d := newDesk("alice", "bob")
		start := time.Now()
		play(t, 3, d, f, 26*time.Hour+36*time.Minute) // four gaps are shorter for sure, five longer
		for handle, at := range f.reads {
			if len(at) != 5 {
				t.Errorf("%s was read %d times in 26.6 hours, want 5", handle, len(at))
			}
			if at[0].Sub(start) > lookEvery {
				t.Errorf("%s was first read after %v", handle, at[0].Sub(start))
			}
			for i := 1; i < len(at); i++ {
				if gap := at[i].Sub(at[i-1]); gap < PollEvery*9/10 || gap > PollEvery*11/10+lookEvery {
					t.Errorf("%s was read again after %v", handle, gap)
				}
			}
		}
		if len(d.readings) != 10 {
			t.Errorf("%d readings kept of 10", len(d.readings))
		}
		r := d.readings[0]
		if r.Site != 7 || r.Network != "fake" || r.Followers != 101 || r.Origin != event.OriginPoll {
			t.Errorf("kept %+v", r)
		}
		if s := d.state(1); s.LastFollowers == nil || *s.LastFollowers != 105 || s.LastError != "" {
			t.Errorf("state: %+v", s)
		}
	})
}

func TestBacksOffAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(_ string, n int) (Reading, error) {
			if n == 1 || n > 4 {
				return Reading{Followers: 9}, nil
			}
			return Reading{}, &Error{Problem: Broken}
		}}
		d := newDesk("alice")
		play(t, 1, d, f, PollEvery*13/10)
		s := d.state(1)
		if s.LastError != "" || s.Failures != 0 || *s.LastFollowers != 9 {
			// three failures, 5, 10 and 20 minutes apart, lie between the readings
			t.Errorf("after it recovered: %+v", s)
		}
		at := f.reads["alice"]
		if len(at) != 5 {
			t.Fatalf("read %d times", len(at))
		}
		for i, want := range []time.Duration{firstRetry, 2 * firstRetry, 4 * firstRetry} {
			if gap := at[i+2].Sub(at[i+1]); gap < want*9/10 || gap > want*11/10+lookEvery {
				t.Errorf("retry %d after %v, want about %v", i+1, gap, want)
			}
		}
		if len(d.readings) != 2 {
			t.Errorf("%d readings kept: a failure must leave a gap", len(d.readings))
		}
	})
}

func TestAFailureKeepsTheLastReadingAndSaysWhatIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(_ string, n int) (Reading, error) {
			if n == 1 {
				return Reading{Followers: 9}, nil
			}
			return Reading{}, &Error{Problem: NotFound}
		}}
		d := newDesk("alice")
		play(t, 1, d, f, 90*time.Hour)
		s := d.state(1)
		if s.LastError != string(NotFound) || *s.LastFollowers != 9 || s.Failures < 5 {
			t.Errorf("state: %+v", s)
		}
		at := f.reads["alice"]
		if gap := at[len(at)-1].Sub(at[len(at)-2]); gap > lastRetry*11/10+lookEvery {
			t.Errorf("waits %v between retries, at most %v is meant", gap, lastRetry)
		}
	})
}

func TestAHostThatAsksForQuietGetsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(handle string, _ int) (Reading, error) {
			if handle == "alice" {
				return Reading{}, &Error{Problem: RateLimited, Wait: 2 * time.Hour}
			}
			return Reading{Followers: 1}, nil
		}}
		d := newDesk("alice", "bob")
		start := time.Now()
		play(t, 1, d, f, time.Minute)
		if wait := d.state(2).NextPoll.Sub(start); wait < 2*time.Hour-time.Minute || wait > 2*time.Hour {
			t.Errorf("bob is to be read in %v", wait)
		}
		play(t, 1, d, f, 3*time.Hour) // of another process: it asks no sooner
		if at := f.reads["bob"]; len(at) != 1 || at[0].Sub(start) < 2*time.Hour {
			t.Errorf("the host was asked for bob at %v, in its two hours of quiet", at)
		}
	})
}

// A server that doesn't answer holds up its own accounts, not those of others.
func TestADeadHostHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(handle string, _ int) (Reading, error) {
			if handle == "live" {
				return Reading{Followers: 1}, nil
			}
			time.Sleep(readTimeout)
			return Reading{}, &Error{Problem: Unreachable}
		}}
		d := newDesk("a", "b", "c", "d", "e", "f", "g", "h", "live")
		start := time.Now()
		a := d.accounts[9]
		a.BaseURL, a.NextPoll = "live.example", start.Add(10*time.Second)
		d.accounts[9] = a
		play(t, 1, d, f, 10*time.Minute)
		if at := f.reads["live"]; len(at) == 0 || at[0].Sub(start) > time.Minute {
			t.Errorf("read at %v, due %v", at, a.NextPoll)
		}
		if len(f.reads["h"]) == 0 {
			t.Error("the last of the dead server's accounts is not tried")
		}
	})
}

func TestAReadingThatCannotBeKeptIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(string, int) (Reading, error) { return Reading{Followers: 1}, nil }}
		d := newDesk("alice")
		d.full = true
		play(t, 1, d, f, time.Minute)
		d.full = false
		if s := d.state(1); s.LastFollowers != nil || s.LastError != string(Internal) {
			t.Errorf("state: %+v", s)
		}
		play(t, 1, d, f, 10*time.Minute)
		if s := d.state(1); len(d.readings) != 1 || s.LastError != "" {
			t.Errorf("%d readings, state %+v", len(d.readings), s)
		}
	})
}

func TestClaimIsExclusiveInTheRealStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earshot.db")
	one, err := meta.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	two, err := meta.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	site, err := one.AddSite(t.Context(), meta.Site{Domain: "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := one.AddAccount(t.Context(), meta.Account{Site: site.ID, Network: "mastodon", Handle: "@a@b.example"})
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Minute)
	first, err1 := one.ClaimPoll(t.Context(), a.ID, a.NextPoll, until)
	second, err2 := two.ClaimPoll(t.Context(), a.ID, a.NextPoll, until)
	if err1 != nil || err2 != nil || !first || second {
		t.Errorf("claimed by the first: %v %v, by the second: %v %v", first, err1, second, err2)
	}
}

func TestANewSecretIsKeptEvenWhenTheReadingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(string, int) (Reading, error) {
			return Reading{Secret: "new"}, &Error{Problem: Broken}
		}}
		d := newDesk("alice")
		play(t, 1, d, f, time.Minute)
		if s := string(d.accounts[1].Secret); s != "new" || len(d.readings) != 0 {
			t.Errorf("the secret is %q, %d readings", s, len(d.readings))
		}
	})
}

// renewing is a network whose secrets run out.
type renewing struct {
	*fake
	renewed []time.Time
}

// Renew refuses the first time, as for a secret that is too young.
func (r *renewing) Renew(_ context.Context, _ *http.Client, a Account) (string, error) {
	r.renewed = append(r.renewed, time.Now())
	if len(r.renewed) == 1 {
		return "", &Error{Problem: Unauthorized}
	}
	return a.Secret + "+", nil
}

func TestSecretsAreRenewedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &renewing{fake: &fake{reads: map[string][]time.Time{}, say: nine}}
		d, start := newDesk("alice"), time.Now()
		play(t, 1, d, r, 17*24*time.Hour)
		if n := len(r.renewed); n != 4 {
			t.Fatalf("asked %d times to renew in 17 days: %v", n, r.renewed)
		}
		for i, want := range []time.Duration{0, renewAgain, renewAgain + renewEvery, renewAgain + 2*renewEvery} {
			if late := r.renewed[i].Sub(start) - want; late < 0 || late > time.Duration(i+1)*PollEvery*12/10 {
				t.Errorf("renewed after %v, want %v and a poll more at most", r.renewed[i].Sub(start), want)
			}
		}
		if a := d.accounts[1]; a.Secret != "+++" || a.LastError != "" || a.Failures != 0 {
			t.Errorf("%+v", a)
		}
	})
}

// A following ends, once, where its account moves away, and where its name
// becomes another account's, which is read on as a following of its own.
func TestAFollowingEndsWithItsAccount(t *testing.T) {
	moved := &Error{Problem: Moved, To: "@alice@elsewhere.example"}
	for name, c := range map[string]struct {
		say  func(n int) (Reading, error)
		want string // followers, or "ended", of each reading kept
		last func(s meta.AccountState) bool
	}{
		"moved": {
			func(n int) (Reading, error) {
				if n == 1 {
					return Reading{Followers: 9, ID: "1"}, nil
				}
				return Reading{}, moved
			}, "9 ended", func(s meta.AccountState) bool {
				return s.LastFollowers == nil && s.MovedTo == "@alice@elsewhere.example" && s.LastError == string(Moved)
			},
		},
		"moved before it was ever read": {
			func(int) (Reading, error) { return Reading{}, moved }, "",
			func(s meta.AccountState) bool { return s.MovedTo != "" && s.ReplacedAt.IsZero() },
		},
		"moved, and came back": {
			func(n int) (Reading, error) {
				if n == 2 {
					return Reading{}, moved
				}
				return Reading{Followers: uint64(n), ID: "1"}, nil
			}, "1 ended 3 4", func(s meta.AccountState) bool {
				return *s.LastFollowers == 4 && s.MovedTo == "" && s.ReplacedAt.IsZero()
			},
		},
		"another's": {
			func(n int) (Reading, error) {
				if n == 1 {
					return Reading{Followers: 900, ID: "1"}, nil
				}
				return Reading{Followers: uint64(n), ID: "2"}, nil
			}, "900 ended 2 3", func(s meta.AccountState) bool {
				return *s.LastFollowers == 3 && s.PermanentID == "2" && !s.ReplacedAt.IsZero() && s.LastError == ""
			},
		},
		"a network that says an ID now and then": {
			func(n int) (Reading, error) {
				return Reading{Followers: uint64(n), ID: []string{"1", "", "1"}[n-1]}, nil
			},
			"1 2 3", func(s meta.AccountState) bool { return s.PermanentID == "1" && s.ReplacedAt.IsZero() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{reads: map[string][]time.Time{}, say: func(_ string, n int) (Reading, error) { return c.say(n) }}
				d := newDesk("alice")
				play(t, 1, d, f, PollEvery*23/10)
				var kept []string
				var before time.Time
				for _, r := range d.readings {
					if !r.Time.After(before) {
						t.Errorf("a reading of %v after one of %v", r.Time, before)
					}
					before = r.Time
					if r.Ended {
						kept = append(kept, "ended")
					} else {
						kept = append(kept, strconv.FormatUint(r.Followers, 10))
					}
				}
				if got := strings.Join(kept, " "); got != c.want {
					t.Errorf("kept %q, want %q", got, c.want)
				}
				if s := d.state(1); !c.last(s) {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// An end that can't be stored is stored later.
func TestAnEndThatCannotBeKeptComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk("alice")
		f := &fake{reads: map[string][]time.Time{}, say: func(_ string, n int) (Reading, error) {
			d.mu.Lock()
			d.full = n == 2
			d.mu.Unlock()
			if n == 1 {
				return Reading{Followers: 900, ID: "1"}, nil
			}
			return Reading{Followers: 2, ID: "2"}, nil
		}}
		play(t, 1, d, f, PollEvery*13/10)
		if len(d.readings) != 3 || !d.readings[1].Ended || d.readings[2].Followers != 2 || d.state(1).PermanentID != "2" {
			t.Errorf("%+v", d.readings)
		}
	})
}
