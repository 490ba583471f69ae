package social

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// YouTube reads channels.list?part=statistics of the YouTube Data API v3
// (developers.google.com/youtube/v3/docs/channels, fields checked in November
// 2026, with its revision history to July 2026): one unit of the 10,000 that a
// key has a day. Counts are JSON strings; above 1,000 the number of subscribers
// is rounded down to three digits. A channel that isn't there is an answer
// without items. Posts are its newest videos: playlistItems.list of the
// channel's uploads, then videos.list for their figures (…/docs/videos, read in
// November 2026), a unit each. A like count that is hidden and a comment count
// that is switched off are left out.
type YouTube struct{}

const (
	youtubeAPI   = "https://www.googleapis.com/youtube/v3"
	youtubeExact = 1000 // subscribers, from which on it rounds
)

var (
	youtubeID     = regexp.MustCompile(`^UC[A-Za-z0-9_-]{22}$`)
	youtubeHandle = regexp.MustCompile(`^@[\p{L}\p{M}\p{N}_.·-]{2,60}$`)
)

// Network is "youtube".
func (YouTube) Network() string { return "youtube" }

// About is for people.
func (YouTube) About() About {
	return About{
		Name: "YouTube", Example: "@alice",
		Handle: text.Text{EN: "The channel’s handle, its ID (UC…), or its address.", FR: "Le nom de la chaîne, son identifiant (UC…) ou son adresse."},
		Secret: Required, SecretName: text.Text{EN: "API key", FR: "Clé d’API"},
		SecretHelp: text.Text{
			EN: "Google Cloud console → APIs & Services → enable YouTube Data API v3 → Credentials → API key. Free.",
			FR: "Console Google Cloud → API et services → activer YouTube Data API v3 → Identifiants → Clé d’API. Gratuit.",
		},
		Rounded: text.Text{EN: "YouTube rounds counts above 1,000 down to three digits.", FR: "YouTube arrondit les nombres au-delà de 1 000 à trois chiffres, vers le bas."},
	}
}

// Parse takes @handle, handle, a channel's ID, and addresses with them.
func (YouTube) Parse(input string) (Account, bool) {
	name := strings.TrimSpace(input)
	if path, ok := inAddress(name, "youtube.com"); ok {
		name, _ = strings.CutPrefix(path, "channel/")
		name, _, _ = strings.Cut(name, "/")
		if !strings.HasPrefix(name, "@") && !youtubeID.MatchString(name) {
			return Account{}, false // …/c/name and …/user/name are not handles
		}
	}
	if youtubeID.MatchString(name) {
		return Account{Handle: name}, true
	}
	name = "@" + strings.ToLower(strings.TrimPrefix(name, "@"))
	return Account{Handle: name}, youtubeHandle.MatchString(name)
}

// Host is Google's.
func (YouTube) Host(a Account) string { return hostOf(a.base(youtubeAPI)) }

// Read asks for the channel's statistics.
func (y YouTube) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	which := "forHandle"
	if youtubeID.MatchString(a.Handle) {
		which = "id"
	}
	var answer struct {
		Items []struct {
			ID         string `json:"id"`
			Statistics struct {
				Subscribers count `json:"subscriberCount"`
				Hidden      bool  `json:"hiddenSubscriberCount"`
				Videos      count `json:"videoCount"`
			} `json:"statistics"`
			Content struct {
				Playlists struct {
					Uploads string `json:"uploads"`
				} `json:"relatedPlaylists"`
			} `json:"contentDetails"`
		} `json:"items"`
	}
	pause, err := y.ask(ctx, client, a, "/channels?part=contentDetails,statistics&"+which+"="+url.QueryEscape(a.Handle), &answer)
	if err != nil {
		return Reading{}, err
	}
	if len(answer.Items) == 0 {
		return Reading{}, &Error{Problem: NotFound, Err: errors.New("the answer has no channel")}
	}
	s := answer.Items[0].Statistics
	if s.Hidden {
		return Reading{}, &Error{Problem: Hidden, Err: errors.New("the channel hides its subscribers")}
	}
	r, err := reading(s.Subscribers.n, nil, s.Videos.n, pause)
	r.Rounded = r.Followers >= youtubeExact
	r.ID, r.found = answer.Items[0].ID, answer.Items[0].Content.Playlists.Uploads
	return r, err
}

func (YouTube) ask(ctx context.Context, client *http.Client, a Account, query string, into any) (time.Duration, error) {
	pause, err := askJSON(ctx, client, request{
		url: a.base(youtubeAPI) + query, header: map[string]string{"X-Goog-Api-Key": strings.TrimSpace(a.Secret)},
	}, into)
	if status, body := refusal(err); status == http.StatusBadRequest && strings.Contains(body, "API_KEY_INVALID") {
		return 0, instead(err, Unauthorized, 0)
	} else if status == http.StatusForbidden && (strings.Contains(body, "quotaExceeded") || strings.Contains(body, "rateLimitExceeded")) {
		return 0, instead(err, RateLimited, time.Hour) // the quota comes back at midnight in California
	}
	return pause, err
}

// Posts asks which videos are the newest, then for their figures.
func (y YouTube) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	var uploads struct {
		Items tolerant[struct {
			Content struct {
				Video string `json:"videoId"`
			} `json:"contentDetails"`
		}] `json:"items"`
	}
	pause, err := y.ask(ctx, client, a, "/playlistItems?part=contentDetails&maxResults=40&playlistId="+url.QueryEscape(r.found), &uploads)
	if isGone(err) { // a channel without a video has no such playlist
		return nil, 0, nil
	}
	if err != nil || len(uploads.Items) == 0 || pause > 0 {
		return nil, pause, err
	}
	var ids []string
	for _, i := range uploads.Items {
		ids = append(ids, i.Content.Video)
	}
	var answer struct {
		Items tolerant[struct {
			ID      string `json:"id"`
			Snippet struct {
				Published   moment `json:"publishedAt"`
				Title       string `json:"title"`
				Description string `json:"description"`
			} `json:"snippet"`
			Statistics struct {
				Views    count `json:"viewCount"`
				Likes    count `json:"likeCount"`
				Comments count `json:"commentCount"`
			} `json:"statistics"`
		}] `json:"items"`
	}
	pause, err = y.ask(ctx, client, a, "/videos?part=snippet,statistics&id="+url.QueryEscape(strings.Join(ids, ",")), &answer)
	var posts []Post
	for _, v := range answer.Items {
		posts = append(posts, Post{
			ID: v.ID, Published: v.Snippet.Published.Time, URL: "https://www.youtube.com/watch?v=" + url.QueryEscape(v.ID),
			Text: v.Snippet.Title, Links: LinksInText(v.Snippet.Description),
			Likes: v.Statistics.Likes.n, Comments: v.Statistics.Comments.n, Views: v.Statistics.Views.n,
		})
	}
	return posts, pause, err
}
