package social

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Mailchimp reads stats.member_count of GET /3.0/lists/{list_id}, the
// subscribed contacts of an audience (mailchimp.com/developer/marketing/api/
// lists/get-list-info, Marketing API 3.0; shape checked in November 2026). The
// key ends in the data centre that answers: "…-us6".
type Mailchimp struct{}

var (
	mailchimpID = regexp.MustCompile(`^[a-z0-9]{6,20}$`)
	mailchimpDC = regexp.MustCompile(`^[a-z]{2,4}[0-9]{1,3}$`)
)

// Network is "mailchimp".
func (Mailchimp) Network() string { return "mailchimp" }

// About is for people.
func (Mailchimp) About() About {
	return About{
		Name: "Mailchimp", Example: "a1b2c3d4e5",
		Handle: text.Text{EN: "The audience’s ID: Audience → Settings → Audience name and defaults.", FR: "L’identifiant de l’audience : Audience → Settings → Audience name and defaults."},
		Secret: Required, SecretName: text.Text{EN: "API key", FR: "Clé d’API"},
		SecretHelp: text.Text{EN: "Account → Extras → API keys. It ends in -us6 or the like.", FR: "Account → Extras → API keys. Elle se termine par -us6 ou semblable."},
	}
}

// Parse takes an audience's ID.
func (Mailchimp) Parse(input string) (Account, bool) { return nameOn(input, mailchimpID, profiles{}) }

// Host is the data centre's.
func (m Mailchimp) Host(a Account) string { return hostOf(m.api(a)) }

// api is "" where the key names no data centre.
func (Mailchimp) api(a Account) string {
	secret := strings.TrimSpace(a.Secret)
	dc := secret[strings.LastIndexByte(secret, '-')+1:]
	if !mailchimpDC.MatchString(dc) {
		return a.base("")
	}
	return a.base("https://" + dc + ".api.mailchimp.com")
}

// Read asks for the audience.
func (m Mailchimp) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	if m.api(a) == "" {
		return Reading{}, &Error{Problem: Unauthorized, Err: errors.New("the key names no data centre")}
	}
	var answer struct {
		Stats struct {
			Members   count `json:"member_count"`
			Campaigns count `json:"campaign_count"`
		} `json:"stats"`
	}
	pause, err := askJSON(ctx, client, request{
		url:    m.api(a) + "/3.0/lists/" + url.PathEscape(a.Handle) + "?fields=stats.member_count,stats.campaign_count",
		header: map[string]string{"Authorization": basicAuth("earshot", strings.TrimSpace(a.Secret))},
	}, &answer)
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Stats.Members.n, nil, answer.Stats.Campaigns.n, pause)
}
