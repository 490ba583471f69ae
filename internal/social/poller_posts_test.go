package social

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

func nine(string, int) (Reading, error) { return Reading{Followers: 9}, nil }

func TestPostsAreKeptWithThePageTheyLeadTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		likes := uint64(3)
		f := &fake{reads: map[string][]time.Time{}, say: nine, posts: func(int) ([]Post, time.Duration, error) {
			return []Post{
				{ID: "1", Published: started, URL: "https://fake.example/1", Text: "New:\n" + strings.Repeat("é", 300), Likes: &likes, Links: []string{
					"https://t.co/abc", "https://notblog.example/x", "https://www.blog.example/caf%C3%A9/?utm_source=fake&es=1aBcDeFgHi#top", "https://blog.example/other",
				}},
				{ID: "2", Published: started, URL: "javascript:alert(1)"},
				{ID: "3", Published: started.AddDate(-1, 0, 0)},
			}, 0, nil
		}}
		d := newDesk("alice")
		play(t, 1, d, f, time.Minute)
		at := started.UTC().Truncate(time.Second)
		want := []event.PostFigures{
			{Site: 7, Time: at, Network: "fake", Account: "alice", Post: "1", Published: started, URL: "https://fake.example/1",
				Text: "New: " + strings.Repeat("é", 275), Page: "/café/", ShareID: "1aBcDeFgHi", Likes: &likes, Origin: event.OriginPoll},
			{Site: 7, Time: at, Network: "fake", Account: "alice", Post: "2", Published: started, Origin: event.OriginPoll},
		}
		if diff := cmp.Diff(want, d.posts); diff != "" {
			t.Error(diff)
		}
		if s := d.state(1); s.PostsAt.IsZero() || s.PostsError != "" || len(d.readings) != 1 {
			t.Errorf("state %+v, %d readings", s, len(d.readings))
		}
	})
}

func TestFollowersAreReadWhateverBecomesOfPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: nine, posts: func(nth int) ([]Post, time.Duration, error) {
			if nth == 2 {
				return []Post{{ID: "1", Published: time.Now()}}, 0, &Error{Problem: Unauthorized}
			}
			return []Post{{ID: "1", Published: time.Now()}}, 0, nil
		}}
		d := newDesk("alice")
		play(t, 1, d, f, PollEvery*13/10)
		s := d.state(1)
		if len(d.readings) != 2 || s.LastError != "" || s.Failures != 0 || s.PostsError != string(Unauthorized) || time.Since(s.PostsAt) < PollEvery {
			t.Errorf("%d readings, state %+v", len(d.readings), s)
		}
		if len(d.posts) != 2 {
			t.Errorf("%d posts: what was read before the error counts", len(d.posts))
		}
		play(t, 1, d, f, PollEvery)
		if s := d.state(1); s.PostsError != "" || len(d.readings) != 3 {
			t.Errorf("after it recovered: %+v, %d readings", s, len(d.readings))
		}
	})
}

func TestPostsThatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: nine, posts: func(int) ([]Post, time.Duration, error) {
			return []Post{{ID: "1", Published: time.Now()}}, 0, nil
		}}
		d := newDesk("alice")
		d.noPosts = true
		play(t, 1, d, f, time.Minute)
		if s := d.state(1); s.PostsError != string(Internal) || !s.PostsAt.IsZero() || s.LastError != "" || len(d.readings) != 1 {
			t.Errorf("state %+v, %d readings", s, len(d.readings))
		}
	})
}

// A host that asks for quiet is asked for no posts; and once its posts made it
// ask for quiet, it is asked for nothing of any account.
func TestPostsObeyTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: func(string, int) (Reading, error) {
			return Reading{Followers: 9, Pause: time.Minute}, nil
		}}
		play(t, 1, newDesk("alice"), f, 30*time.Second)
		if f.asked != 0 {
			t.Error("the host asked for quiet, and was asked for posts")
		}

		f = &fake{reads: map[string][]time.Time{}, say: nine, posts: func(int) ([]Post, time.Duration, error) {
			return nil, 0, &Error{Problem: RateLimited, Wait: 2 * time.Hour}
		}}
		d, start := newDesk("alice", "bob"), time.Now()
		play(t, 1, d, f, 3*time.Hour)
		if at := f.reads["bob"]; len(at) != 1 || at[0].Sub(start) < 2*time.Hour {
			t.Errorf("bob was read at %v, in two hours of quiet", at)
		}
		if s := d.state(1); s.PostsError != string(RateLimited) || s.LastError != "" {
			t.Errorf("state %+v", s)
		}
	})
}

func TestPostsThatCostMoneyAreReadOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{reads: map[string][]time.Time{}, say: nine, every: X{}.About().PostsEvery}
		play(t, 1, newDesk("alice"), f, 42*time.Hour) // two days of four polls are longer
		if f.asked != 2 || len(f.reads["alice"]) < 7 {
			t.Errorf("asked for posts %d times in %d readings", f.asked, len(f.reads["alice"]))
		}
	})
}
