package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Mastodon reads Mastodon and the servers that speak its API (GoToSocial,
// Pleroma, Pixelfed and others): GET /api/v1/accounts/lookup?acct=, documented
// for Mastodon 3.4 and later (docs.joinmastodon.org/methods/accounts, read in
// November 2026). Most servers answer without a token; the others answer 401
// until the account has one. A moved account keeps the followers who didn't
// come along, and a suspended one may show none (…/entities/Account): neither
// is a reading. The limit is 300 requests in five minutes, told by
// X-RateLimit-Remaining and X-RateLimit-Reset (an ISO 8601 time;
// …/api/rate-limits). Posts are GET /api/v1/accounts/:id/statuses of the same
// documentation, 40 at most.
type Mastodon struct{}

var fediverseHandle = regexp.MustCompile(`^@?([A-Za-z0-9_][A-Za-z0-9_.-]*)@([\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+(?::[0-9]+)?)$`)

// Network is "mastodon".
func (Mastodon) Network() string { return "mastodon" }

// About is for people.
func (Mastodon) About() About {
	return About{
		Name: "Mastodon", Example: "@alice@mastodon.social", Server: Optional, Secret: Optional,
		SecretName: accessToken,
		SecretHelp: text.Text{
			EN: "Only where the server asks for one: Preferences → Development → New application, scopes read:accounts and read:statuses.",
			FR: "Seulement si le serveur en demande un : Préférences → Développement → Nouvelle application, portées read:accounts et read:statuses.",
		},
	}
}

// Parse takes @user@host, acct:user@host, and a profile's address as the
// servers have it. They find a user whatever the case of the name.
func (Mastodon) Parse(input string) (Account, bool) {
	input = strings.TrimSpace(input)
	if host, path, ok := profileURL(input); ok {
		user, found := fediverseProfile(path)
		if !found || !strings.HasPrefix(path, "@") && elsewhere(input, host) {
			return Account{}, false
		}
		input = user
		if !strings.Contains(user, "@") { // https://host/@user@elsewhere is elsewhere's
			input = user + "@" + host
		}
	}
	for _, scheme := range []string{"acct:", "web+acct:"} {
		input = strings.TrimPrefix(input, scheme)
	}
	m := fediverseHandle.FindStringSubmatch(input)
	if m == nil {
		return Account{}, false
	}
	return Account{Handle: strings.ToLower("@" + m[1] + "@" + readableHost(m[2]))}, true
}

// fediversePages are first parts of a path that are nobody's name.
var fediversePages = strings.Fields("about explore public local home login auth settings search tags tag i p web deck api oauth notice objects statuses notifications privacy site help discover directory admin")

// fediverseProfile is the user in the path of a profile: @user of Mastodon,
// Misskey and others, also behind web/ or deck/ and with a tab of the profile
// behind it; users/user of Pleroma and of ActivityPub's IDs, profile/user of
// Friendica, u/user, accounts/user and a/user of PeerTube, author/user of
// WordPress; user alone of Pixelfed and Pleroma. A post's address is nobody's.
func fediverseProfile(path string) (user string, ok bool) {
	parts := strings.Split(path, "/")
	if len(parts) > 1 && (parts[0] == "web" || parts[0] == "deck") && strings.HasPrefix(parts[1], "@") {
		parts = parts[1:]
	}
	switch parts[0] {
	case "users", "profile", "u", "accounts", "a", "author":
		if len(parts) > 1 {
			parts = parts[1:]
		}
	default:
		if !strings.HasPrefix(parts[0], "@") && (len(parts) > 1 || slices.Contains(fediversePages, strings.ToLower(parts[0]))) {
			return "", false
		}
	}
	if len(parts) > 2 || len(parts) == 2 && !slices.Contains([]string{"followers", "following", "media", "with_replies", "featured", "video-channels", "videos"}, parts[1]) {
		return "", false
	}
	user = strings.TrimPrefix(parts[0], "@")
	return user, user != ""
}

// elsewhere says that an address is a profile's on another network.
func elsewhere(input, host string) bool {
	for _, c := range otherConnectors() {
		if a, ok := c.Parse(input); ok && c.Host(a) != host { // Ghost's and listmonk's may be anywhere
			return true
		}
	}
	return false
}

// Host is the account's server.
func (m Mastodon) Host(a Account) string { return hostOf(m.server(a)) }

func (Mastodon) server(a Account) string {
	_, host, _ := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@")
	return a.base("https://" + asciiHost(host))
}

// Read asks the account's own server: others may have old counts.
func (m Mastodon) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	user, _, _ := strings.Cut(strings.TrimPrefix(a.Handle, "@"), "@")
	var answer struct {
		ID        string `json:"id"`
		Followers count  `json:"followers_count"`
		Following count  `json:"following_count"`
		Posts     count  `json:"statuses_count"`
		mastodonHidden
		Created   moment `json:"created_at"`
		Suspended bool   `json:"suspended"`
		Moved     *struct {
			Account string `json:"acct"`
		} `json:"moved"`
	}
	pause, err := getJSON(ctx, client, m.server(a)+"/api/v1/accounts/lookup?acct="+url.QueryEscape(user), a.Secret, &answer)
	if err != nil {
		return Reading{}, err
	}
	if answer.Suspended {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the account is suspended")}
	}
	if answer.Moved != nil {
		return Reading{}, &Error{Problem: Moved, To: m.elsewhere(a, answer.Moved.Account), Err: fmt.Errorf("the account has moved to %q", answer.Moved.Account)}
	}
	followers, following := answer.shown(answer.Followers, answer.Following)
	if followers.hidden {
		return Reading{}, &Error{Problem: Hidden, Err: errors.New("the account hides its followers")}
	}
	r, err := reading(followers.n, following.n, answer.Posts.n, pause)
	r.found = answer.ID
	if r.ID = answer.ID; answer.ID != "" && !answer.Created.IsZero() {
		// A server that was set up anew numbers its accounts anew. Some servers
		// give the day alone.
		r.ID += " " + answer.Created.Format(time.DateOnly)
	}
	return r, err
}

// elsewhere is the handle of an account as the server of a names it: one of its
// own without a host.
func (m Mastodon) elsewhere(a Account, acct string) string {
	if !strings.Contains(acct, "@") {
		acct += a.Handle[strings.LastIndex(a.Handle, "@"):]
	}
	to, _ := m.Parse(acct)
	return to.Handle
}

// mastodonHidden says which counts of an account are no counts: each server
// that lets people hide them has its own way (their sources, read in November
// 2026).
type mastodonHidden struct {
	Pleroma struct { // and Akkoma: 0 beside it
		Followers bool `json:"hide_followers_count"`
		Following bool `json:"hide_follows_count"`
	} `json:"pleroma"`
	Other struct { // Fedibird
		Followers bool `json:"hide_followers_count"`
		Following bool `json:"hide_following_count"`
	} `json:"other_settings"`
	// Pixelfed answers 0 and doesn't say that it hides anything: its 0 may be
	// either. No other server has this field.
	Pixelfed json.RawMessage `json:"header_bg"`
}

// shown are the counts that are not hidden. glitch-soc hides one as -1.
func (h mastodonHidden) shown(followers, following count) (count, count) {
	hide := func(c count, hidden bool) count {
		if hidden || c.hidden || h.Pixelfed != nil && c.n != nil && *c.n == 0 {
			return count{hidden: true}
		}
		return c
	}
	return hide(followers, h.Pleroma.Followers || h.Other.Followers), hide(following, h.Pleroma.Following || h.Other.Following)
}

// Posts asks for statuses. With a token of the account's own the answer has
// its private ones too: they are left out.
func (m Mastodon) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	var answer tolerant[struct {
		ID         string `json:"id"`
		Created    moment `json:"created_at"`
		URL        string `json:"url"`
		Visibility string `json:"visibility"`
		Warning    string `json:"spoiler_text"`
		Content    string `json:"content"`
		Replies    count  `json:"replies_count"`
		Reblogs    count  `json:"reblogs_count"`
		Favourites count  `json:"favourites_count"`
		Card       *struct {
			URL string `json:"url"`
		} `json:"card"`
	}]
	pause, err := getJSON(ctx, client, m.server(a)+"/api/v1/accounts/"+url.PathEscape(r.found)+"/statuses?limit=40&exclude_reblogs=true&exclude_replies=true", a.Secret, &answer)
	if status, body := refusal(err); status == http.StatusUnprocessableEntity && strings.Contains(body, "authenticated user") {
		err = instead(err, Unauthorized, 0)
	}
	var posts []Post
	for _, s := range answer {
		if s.Visibility != "public" && s.Visibility != "unlisted" {
			continue
		}
		text, links := inHTML(s.Content)
		if s.Card != nil {
			links = append(links, s.Card.URL)
		}
		posts = append(posts, Post{
			ID: s.ID, Published: s.Created.Time, URL: s.URL, Text: strings.TrimSpace(s.Warning + " " + text), Links: links,
			Likes: s.Favourites.n, Comments: s.Replies.n, Reposts: s.Reblogs.n,
		})
	}
	return posts, pause, err
}
