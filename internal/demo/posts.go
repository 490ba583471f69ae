package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/demo/blog"
	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	postsADay = 0.4 // of an account: some three a week
	postDays  = 30  // for so long a post is read, once a day
)

// announced is how a post speaks of a page, new or old, by the page's language.
var announced = map[string][2][]string{
	"en": {{"New on the blog: %s", "%s", "I wrote this one slowly: %s"}, {"From the archive: %s", "Still true, I think: %s", "For those who came later: %s"}},
	"fr": {{"Nouveau billet : %s", "%s", "Écrit lentement, celui-ci : %s"}, {"Sorti des archives : %s", "Je le pense toujours : %s", "Pour qui arrive maintenant : %s"}},
}

// remarks lead nowhere.
var remarks = []string{
	"A reader answered a post from two years ago. Best mail of the week. 💌",
	"Question du soir : à qui avez-vous envoyé un lien pour la dernière fois ?",
	"Deleted three paragraphs today. The post thanks me.",
	"Le silence d’un réseau n’est pas l’absence de lecteurs.",
	"Somebody printed a post of mine and left it in a café. There is no metric for that.",
	"Relire avant de publier, c’est aussi répondre avant la question.",
	"What do you read when nobody recommends anything?",
	"Dimanche : un thé, une phrase, pas de graphique. 🍵",
}

// postRows has what the demo's accounts posted in the blog's thirteen months,
// each read once a day while it is young.
func postRows(siteID uint32, seed uint64, now time.Time, pages []blog.Post) []event.PostFigures {
	today := startOfDay(now.UTC())
	var out []event.PostFigures
	for i, f := range followings {
		r := chance(seed, uint64(3000+i))
		for ago := HistoryDays - 1; ago >= 0; ago-- {
			if r.Float64() > postsADay*weekdayWeights[today.AddDate(0, 0, -ago).Weekday()] {
				continue
			}
			p := f.post(r, ago, pages)
			p.Site, p.Network, p.Account, p.Origin = siteID, f.network, f.account, event.OriginPoll
			p.Published = today.AddDate(0, 0, -ago).Add(time.Duration(7*60+r.IntN(13*60)) * time.Minute)
			p.Post, p.URL = f.address(p.Published)
			out = append(out, f.read(p, r, ago, today, now)...)
		}
	}
	return out
}

// post is what an account says on a day: three times of four of a page, and
// then of a new one while there is one.
func (f following) post(r *rand.Rand, ago int, pages []blog.Post) event.PostFigures {
	var there []blog.Post // newest first
	for _, p := range pages {
		if p.DaysAgo >= ago {
			there = append(there, p)
		}
	}
	if len(there) == 0 || r.IntN(4) == 0 {
		return event.PostFigures{Text: remarks[r.IntN(len(remarks))]}
	}
	page, words := there[0], announced[there[0].Lang][0]
	if page.DaysAgo-ago > 4 {
		page = there[r.IntN(len(there))]
		words = announced[page.Lang][1]
	}
	return event.PostFigures{
		Page: page.Path(),
		Text: fmt.Sprintf(words[r.IntN(len(words))], page.Title) + " https://" + blog.Domain + page.Path(),
	}
}

// address is a post's ID, and where it is to be seen on networks that have a
// place for examples.
func (f following) address(at time.Time) (id, address string) {
	id = strconv.FormatInt(at.UnixMilli(), 36)
	switch f.network {
	case "mastodon":
		return id, "https://social.example/@words/" + id
	case "bluesky":
		return "at://" + f.account + "/app.bsky.feed.post/" + id, "https://bsky.app/profile/" + f.account + "/post/" + id
	}
	return id, ""
}

// read are the readings of a post that is so many days old today. Its figures
// come fast and then hardly; a page that is liked makes its post liked.
func (f following) read(p event.PostFigures, r *rand.Rand, ago int, today, now time.Time) []event.PostFigures {
	luck := math.Exp(0.7 * r.NormFloat64())
	if p.Page == "" {
		luck *= 0.6
	}
	seen := f.size(ago) * f.reach * luck
	likes, comments, reposts := seen*f.liked, seen*f.liked*0.12*(0.5+r.Float64()), seen*f.liked*0.3*(0.5+r.Float64())
	var out []event.PostFigures
	for age := 1; age <= min(postDays, ago); age++ {
		at := today.AddDate(0, 0, age-ago).Add(6 * time.Hour)
		if at.After(now) || f.unread(ago-age) {
			continue
		}
		part := 1 - math.Exp(-at.Sub(p.Published).Hours()/30)
		count := func(n float64) *uint64 {
			c := uint64(n * part)
			return &c
		}
		reading := p
		reading.Time, reading.Likes, reading.Comments, reading.Reposts = at, count(likes), count(comments), count(reposts)
		if f.views {
			reading.Views = count(seen)
		}
		out = append(out, reading)
	}
	return out
}
