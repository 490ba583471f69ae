package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Listmonk reads subscriber_count of GET /api/lists/{id}
// (listmonk.app/docs/apis/lists, v6, read in November 2026) from one's own
// server, with an API user's name and token.
type Listmonk struct{}

var listmonkList = regexp.MustCompile(`^([0-9]{1,9})@([a-z0-9.-]+(?::[0-9]+)?)$`)

// Network is "listmonk".
func (Listmonk) Network() string { return "listmonk" }

// About is for people.
func (Listmonk) About() About {
	return About{
		Name: "listmonk", Example: "3@lists.example.com",
		Handle: text.Text{EN: "The list’s number, @, your server’s name; or the list’s address.", FR: "Le numéro de la liste, @, le nom de votre serveur ; ou l’adresse de la liste."},
		Secret: Required, SecretName: text.Text{EN: "API user:token", FR: "Utilisateur API:jeton"}, Server: Optional,
		SecretHelp: text.Text{
			EN: "Admin → Users → New, type API, with permission to get lists: its name, a colon, its token.",
			FR: "Admin → Users → New, de type API, avec le droit de lire les listes : son nom, deux-points, son jeton.",
		},
	}
}

// Parse takes 3@host and https://host/admin/lists/3.
func (Listmonk) Parse(input string) (Account, bool) {
	name := strings.ToLower(strings.TrimSpace(input))
	if host, path, ok := profileURL(name); ok {
		id, found := strings.CutPrefix(path, "admin/lists/")
		if !found {
			return Account{}, false
		}
		name = id + "@" + host
	}
	return Account{Handle: name}, listmonkList.MatchString(name)
}

// Host is one's own server.
func (l Listmonk) Host(a Account) string { return hostOf(l.api(a)) }

func (Listmonk) api(a Account) string {
	_, host, _ := strings.Cut(a.Handle, "@")
	return a.base("https://" + host)
}

// Read asks for the list.
func (l Listmonk) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	parts, err := a.secretParts(2)
	if err != nil {
		return Reading{}, err
	}
	var answer struct {
		Data struct {
			Subscribers count `json:"subscriber_count"`
		} `json:"data"`
	}
	id, _, _ := strings.Cut(a.Handle, "@")
	pause, err := askJSON(ctx, client, request{
		url:    l.api(a) + "/api/lists/" + url.PathEscape(id),
		header: map[string]string{"Authorization": "token " + parts[0] + ":" + parts[1]},
	}, &answer)
	if status, body := refusal(err); status == http.StatusBadRequest && strings.Contains(body, "not found") {
		return Reading{}, instead(err, NotFound, 0)
	}
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Data.Subscribers.n, nil, nil, pause)
}
