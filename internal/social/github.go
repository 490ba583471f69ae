package social

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// GitHub reads a user's or organization's followers (GET /users/{name}) and a
// repository's stars (GET /repos/{owner}/{name}) of the REST API, version
// 2022-11-28 (docs.github.com/rest, read in November 2026: stargazers_count in
// …/rest/activity/starring; a user's fields checked in client libraries).
// 2026-03-10 is newer, but 2022-11-28 is answered until March 2028 at least
// (…/rest/about-the-rest-api/api-versions), also by older servers of one's own.
// Without a token 60 requests an hour are allowed from an address; past that
// the answer is 403 with X-RateLimit-Remaining: 0. A renamed repository
// redirects (both from memory).
type GitHub struct{}

const githubAPI = "https://api.github.com"

var githubName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38})(?:/[a-z0-9._-]{0,99}[a-z0-9_-])?$`)

// githubPages are first parts of a path that are nobody's name.
var githubPages = strings.Fields("topics search features about settings marketplace trending explore collections login join notifications apps enterprise pricing security site contact new orgs users sponsors stars issues pulls gist events readme")

// Network is "github".
func (GitHub) Network() string { return "github" }

// About is for people.
func (GitHub) About() About {
	return About{
		Name: "GitHub", Example: "octocat",
		Handle: text.Text{EN: "A name for its followers, owner/repository for its stars.", FR: "Un nom pour ses abonnés, propriétaire/dépôt pour ses étoiles."},
		Secret: Optional, SecretName: accessToken, Server: Optional,
		SecretHelp: text.Text{
			EN: "Only for private repositories, or if GitHub says that it was asked too often: Settings → Developer settings → Fine-grained tokens, no permissions needed.",
			FR: "Seulement pour un dépôt privé, ou si GitHub se dit trop sollicité : Settings → Developer settings → Fine-grained tokens, sans permission particulière.",
		},
	}
}

// Parse takes name, owner/repository, and their addresses.
func (GitHub) Parse(input string) (Account, bool) {
	name := strings.TrimSpace(input)
	if path, ok := inAddress(name, "github.com"); ok {
		parts := strings.Split(path, "/")
		switch first := parts[0]; {
		case len(parts) > 1 && slices.Contains([]string{"orgs", "users", "sponsors", "stars"}, first): // …/orgs/name/followers
			name = parts[1]
		case slices.Contains(githubPages, first):
			return Account{}, false
		default:
			name = strings.Join(parts[:min(len(parts), 2)], "/")
		}
	}
	name = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "@"), ".git"))
	return Account{Handle: name}, githubName.MatchString(name)
}

// Host is GitHub's, or that of one's own server.
func (GitHub) Host(a Account) string { return hostOf(a.base(githubAPI)) }

// Read asks for the user or the repository.
func (GitHub) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	header := map[string]string{"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
	if token := strings.TrimSpace(a.Secret); token != "" {
		header["Authorization"] = "Bearer " + token
	}
	var answer struct {
		ID        count `json:"id"`
		Followers count `json:"followers"`
		Following count `json:"following"`
		Stars     count `json:"stargazers_count"`
	}
	path := "/users/"
	if strings.Contains(a.Handle, "/") {
		path = "/repos/"
	}
	pause, err := askJSON(ctx, client, request{url: a.base(githubAPI) + path + a.Handle, header: header}, &answer)
	if err != nil {
		return Reading{}, err
	}
	r, err := reading(answer.Followers.n, answer.Following.n, nil, pause)
	if path == "/repos/" {
		r, err = reading(answer.Stars.n, nil, nil, pause)
	}
	r.ID = answer.ID.String()
	return r, err
}
