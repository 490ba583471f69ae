package social

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Bluesky reads the public AppView: app.bsky.actor.getProfile, which wants no
// token (docs.bsky.app/docs/api/app-bsky-actor-get-profile, read in November
// 2026). An account that isn't there is a 400 "InvalidRequest" whose message
// says "Profile not found".
type Bluesky struct{}

const blueskyAPI = "https://public.api.bsky.app"

var blueskyHandle = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$`)
var did = regexp.MustCompile(`^did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.:%-]+)$`)

// Network is "bluesky".
func (Bluesky) Network() string { return "bluesky" }

// About is for people.
func (Bluesky) About() About {
	return About{Name: "Bluesky", Example: "alice.bsky.social", Server: Optional}
}

// Parse takes alice.bsky.social, @alice.bsky.social, a DID, and
// https://bsky.app/profile/ with any of them.
func (Bluesky) Parse(input string) (Account, bool) {
	handle := strings.TrimSpace(input)
	if host, path, ok := profileURL(input); ok {
		rest, found := strings.CutPrefix(path, "profile/")
		if host != "bsky.app" || !found {
			return Account{}, false
		}
		handle, _, _ = strings.Cut(rest, "/")
	}
	handle = strings.ToLower(strings.TrimPrefix(handle, "@"))
	if !blueskyHandle.MatchString(handle) && !did.MatchString(handle) {
		return Account{}, false
	}
	return Account{Handle: handle}, true
}

// Host is the AppView.
func (Bluesky) Host(a Account) string { return hostOf(a.base(blueskyAPI)) }

// Read asks for the profile.
func (Bluesky) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	var answer struct {
		Followers *uint64 `json:"followersCount"`
		Following *uint64 `json:"followsCount"`
		Posts     *uint64 `json:"postsCount"`
	}
	pause, err := getJSON(ctx, client, a.base(blueskyAPI)+"/xrpc/app.bsky.actor.getProfile?actor="+url.QueryEscape(a.Handle), a.Secret, &answer)
	var status *statusError
	if errors.As(err, &status) && status.code == http.StatusBadRequest && strings.Contains(status.body, "not found") {
		return Reading{}, &Error{Problem: NotFound, Err: err}
	}
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Followers, answer.Following, answer.Posts, pause)
}
