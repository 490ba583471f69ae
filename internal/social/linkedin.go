package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// LinkedIn reads networkSizes/urn:li:organization:N?edgeType=
// COMPANY_FOLLOWED_BY_MEMBER of the Community Management API
// (learn.microsoft.com/linkedin/marketing/community-management/organizations,
// version 202607, read in November 2026) with an administrator's token. A
// version lives a year; then LinkedIn answers 426.
type LinkedIn struct{}

const (
	linkedinAPI     = "https://api.linkedin.com"
	linkedinVersion = "202607"
)

var linkedinNumber = regexp.MustCompile(`^[0-9]{1,15}$`)

// Network is "linkedin".
func (LinkedIn) Network() string { return "linkedin" }

// About is for people.
func (LinkedIn) About() About {
	return About{
		Name: "LinkedIn", Example: "1234567",
		Handle: metric.Text{
			EN: "The company page’s number: it stands in the address of the page’s admin view.",
			FR: "Le numéro de la page d’entreprise : il figure dans l’adresse de sa vue administrateur.",
		},
		Secret: Required, SecretName: metric.Text{EN: "Access token", FR: "Jeton d’accès"},
		SecretHelp: metric.Text{
			EN: "linkedin.com/developers → your app with Community Management API → token of a page administrator, scope rw_organization_admin. Lasts 60 days.",
			FR: "linkedin.com/developers → votre application avec Community Management API → jeton d’un administrateur de la page, portée rw_organization_admin. Dure 60 jours.",
		},
	}
}

// Parse takes a number, its URN and the address of the page's admin view.
func (LinkedIn) Parse(input string) (Account, bool) {
	name := strings.TrimPrefix(strings.TrimSpace(input), "urn:li:organization:")
	if path, ok := inAddress(name, "linkedin.com"); ok {
		name, _ = strings.CutPrefix(path, "company/")
		name, _, _ = strings.Cut(name, "/")
	}
	return Account{Handle: name}, linkedinNumber.MatchString(name)
}

// Host is LinkedIn's.
func (LinkedIn) Host(a Account) string { return hostOf(a.base(linkedinAPI)) }

// Read asks for the size of the page's following.
func (LinkedIn) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	if err := a.needsSecret(); err != nil {
		return Reading{}, err
	}
	var answer struct {
		Followers *uint64 `json:"firstDegreeSize"`
	}
	pause, err := askJSON(ctx, client, request{
		url: a.base(linkedinAPI) + "/rest/networkSizes/" + url.QueryEscape("urn:li:organization:"+a.Handle) + "?edgeType=COMPANY_FOLLOWED_BY_MEMBER",
		header: map[string]string{
			"Authorization": "Bearer " + strings.TrimSpace(a.Secret), "LinkedIn-Version": linkedinVersion, "X-Restli-Protocol-Version": "2.0.0",
		},
	}, &answer)
	if _, body := refusal(err); strings.Contains(body, "EXPIRED_ACCESS_TOKEN") {
		return Reading{}, instead(err, Expired, 0)
	}
	if err != nil {
		return Reading{}, err
	}
	return reading(answer.Followers, nil, nil, pause)
}
