package social

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// TikTok reads GET /v2/user/info/ of the Display API v2
// (developers.tiktok.com/doc/tiktok-api-v2-get-user-info, read in November
// 2026), which says it of the token's own account alone, with the scopes
// user.info.profile and user.info.stats. An access token lasts two hours; the
// refresh token, 180 days, gets a new one at POST /v2/oauth/token/ and is
// itself replaced in the answer, after which it is worth nothing
// (…/docs/en/oauth-refresh-a-user-access-token, of 2 November 2026; errors in
// …/doc/oauth-error-handling). 600 requests a minute are allowed
// (…/docs/en/tiktok-api-v2-rate-limit, of 4 August 2026). Posts are POST
// /v2/video/list/ (…/doc/tiktok-api-v2-video-list and -video-object, read in
// November 2026), 20 at most a page, with the scope video.list.
type TikTok struct{}

const tiktokAPI = "https://open.tiktokapis.com"

var tiktokName = regexp.MustCompile(`^[a-z0-9_.]{2,24}$`)

// Network is "tiktok".
func (TikTok) Network() string { return "tiktok" }

// About is for people.
func (TikTok) About() About {
	return About{
		Name: "TikTok", Example: "@alice", Secret: Required,
		SecretName: text.Text{EN: "Client key:client secret:refresh token", FR: "Clé client:secret client:jeton d’actualisation"},
		SecretHelp: text.Text{
			EN: "developers.tiktok.com → your app, authorised by the account for user.info.profile, user.info.stats and, for posts, video.list. Three values with colons between them; an access token alone lasts two hours.",
			FR: "developers.tiktok.com → votre application, autorisée par le compte pour user.info.profile, user.info.stats et, pour les publications, video.list. Trois valeurs séparées par des deux-points ; un jeton d’accès seul dure deux heures.",
		},
	}
}

// Parse takes @name, name and the profile's address.
func (TikTok) Parse(input string) (Account, bool) {
	return nameOn(input, tiktokName, profiles{[]string{"tiktok.com"}, "tag music discover explore foryou following live search t"})
}

// Host is TikTok's.
func (TikTok) Host(a Account) string { return hostOf(a.base(tiktokAPI)) }

// Read gets an access token, where it has what that takes, and asks for the
// user.
func (t TikTok) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	token, renewed := strings.TrimSpace(a.Secret), ""
	if strings.Contains(token, ":") {
		var err error
		if token, renewed, err = t.refresh(ctx, client, a); err != nil {
			return Reading{}, err
		}
	}
	var answer struct {
		Data struct {
			User struct {
				Username  string `json:"username"`
				Followers count  `json:"follower_count"`
				Following count  `json:"following_count"`
				Videos    count  `json:"video_count"`
			} `json:"user"`
		} `json:"data"`
	}
	pause, err := t.ask(ctx, client, a, request{url: "/v2/user/info/?fields=username,follower_count,following_count,video_count"}, token, &answer)
	u := answer.Data.User
	if err == nil && !sameName(u.Username, a.Handle) {
		err = &Error{Problem: OtherAccount, Err: fmt.Errorf("the token is %q's", u.Username)}
	}
	if err != nil {
		return Reading{Secret: renewed}, err
	}
	r, err := reading(u.Followers.n, u.Following.n, u.Videos.n, pause)
	r.Secret, r.found = renewed, token
	return r, err
}

// ask asks r, whose address is a path of the API.
func (TikTok) ask(ctx context.Context, client *http.Client, a Account, r request, token string, into any) (time.Duration, error) {
	r.url, r.header = a.base(tiktokAPI)+r.url, map[string]string{"Authorization": "Bearer " + token}
	pause, err := askJSON(ctx, client, r, into)
	switch _, body := refusal(err); {
	case strings.Contains(body, "access_token_invalid"):
		err = instead(err, Expired, 0)
	case strings.Contains(body, "rate_limit_exceeded"):
		err = instead(err, RateLimited, time.Minute)
	}
	return pause, err
}

// Posts asks for the public videos, with the token that Read got.
func (t TikTok) Posts(ctx context.Context, client *http.Client, a Account, r Reading) ([]Post, time.Duration, error) {
	return postPages(func(cursor string) (posts []Post, next string, pause time.Duration, err error) {
		var answer struct {
			Data struct {
				Videos tolerant[struct {
					ID          string `json:"id"`
					Created     moment `json:"create_time"`
					Address     string `json:"share_url"`
					Title       string `json:"title"`
					Description string `json:"video_description"`
					Likes       count  `json:"like_count"`
					Comments    count  `json:"comment_count"`
					Shares      count  `json:"share_count"`
					Views       count  `json:"view_count"`
				}] `json:"videos"`
				Cursor int64 `json:"cursor"`
				More   bool  `json:"has_more"`
			} `json:"data"`
		}
		body := `{"max_count":20}`
		if cursor != "" {
			body = `{"max_count":20,"cursor":` + cursor + `}`
		}
		pause, err = t.ask(ctx, client, a, request{
			url: "/v2/video/list/?fields=id,create_time,share_url,title,video_description,like_count,comment_count,share_count,view_count", json: body,
		}, r.found, &answer)
		for _, v := range answer.Data.Videos {
			text := v.Description
			if text == "" {
				text = v.Title
			}
			posts = append(posts, Post{
				ID: v.ID, Published: v.Created.Time, URL: v.Address, Text: text, Links: LinksInText(text),
				Likes: v.Likes.n, Comments: v.Comments.n, Reposts: v.Shares.n, Views: v.Views.n,
			})
		}
		if answer.Data.More {
			next = strconv.FormatInt(answer.Data.Cursor, 10)
		}
		return posts, next, pause, err
	})
}

// refresh gets an access token; renewed is the secret to keep from now on
// where the refresh token is another one.
func (TikTok) refresh(ctx context.Context, client *http.Client, a Account) (token, renewed string, err error) {
	parts, err := a.secretParts(3)
	if err != nil {
		return "", "", err
	}
	var answer struct {
		Token   string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Error   string `json:"error"`
	}
	_, err = askJSON(ctx, client, request{url: a.base(tiktokAPI) + "/v2/oauth/token/", form: url.Values{
		"client_key": {parts[0]}, "client_secret": {parts[1]}, "grant_type": {"refresh_token"}, "refresh_token": {parts[2]},
	}}, &answer)
	if _, body := refusal(err); answer.Error == "invalid_grant" || strings.Contains(body, "invalid_grant") {
		return "", "", &Error{Problem: Expired, Err: errors.New("the refresh token is refused")}
	} else if err == nil && answer.Token == "" || strings.Contains(body, "invalid_client") {
		return "", "", &Error{Problem: Unauthorized, Err: fmt.Errorf("no access token: %q", answer.Error)}
	}
	if err == nil && answer.Refresh != "" && answer.Refresh != parts[2] {
		renewed = parts[0] + ":" + parts[1] + ":" + answer.Refresh
	}
	return answer.Token, renewed, err
}
