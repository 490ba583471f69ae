package imports

import (
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// A file of followers has the columns date, network, account, followers and,
// where known, following, posts, rounded and ended; a line of a following that
// ended needs no count.
var followersForm = fileForm[event.FollowerCount]{
	help: "The file has the columns date, network, account and followers, and may have following, posts and rounded:\n" +
		"  date,network,account,followers\n  2026-01-31,mastodon,@alice@mastodon.social,1204",
	need:  [][]string{{"date"}, {"network"}, {"account"}, {"followers"}},
	also:  []string{"following", "posts", "rounded", "ended"},
	kind:  event.Followers.Name,
	dates: []string{"date"},
	lines: func(t *table, o options) (parser[event.FollowerCount], []Question, []LineError) {
		decimal, asked := t.wholeSign([]string{"followers", "following", "posts"}, o)
		parse := oneEach(func(l fileLine, o options) (event.FollowerCount, *LineError) {
			l.decimal = decimal
			return parseFollowers(l, o)
		})
		return func(l fileLine, o options) ([]event.FollowerCount, *LineError) {
			if text := l.cell("followers"); text != "" && tellsNothing(text) && l.cell("ended") == "" {
				return nil, nil // TikTok's NAN: the day is unknown
			}
			return parse(l, o)
		}, asked, nil
	},
	when: func(c event.FollowerCount) time.Time { return c.Time },
}

func parseFollowers(l fileLine, o options) (event.FollowerCount, *LineError) {
	c := event.FollowerCount{Site: o.Site.ID, Origin: event.OriginImport}
	var bad *LineError
	if c.Time, bad = l.time("date", o); bad != nil {
		return c, bad
	}
	if c.Network, c.Account, bad = l.whose(o); bad != nil {
		return c, bad
	}
	var followers *uint64
	if bad = l.counts([]string{"followers", "following", "posts"}, &followers, &c.Following, &c.Posts); bad != nil {
		return c, bad
	}
	c.Rounded, c.Ended = l.says("rounded"), l.says("ended")
	if followers != nil {
		c.Followers = *followers
	} else if !c.Ended {
		return c, l.bad("followers", BadCount)
	}
	return c, nil
}

// says reads a column of yes and no.
func (l fileLine) says(column string) bool {
	return slices.Contains([]string{"true", "1", "yes", "oui"}, strings.ToLower(l.cell(column)))
}

var followerReadings = readingKind[event.FollowerCount]{
	fact: event.Followers, form: followersForm,

	key:       func(c event.FollowerCount) readingKey { return readingKey{c.Network, c.Account, "", c.Time.Unix()} },
	origin:    func(c *event.FollowerCount) *string { return &c.Origin },
	size:      func(c event.FollowerCount) float64 { return float64(c.Followers) },
	completed: func(c event.FollowerCount, _ *event.FollowerCount) event.FollowerCount { return c },
}
