package social

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Discord reads GET /invites/{code}?with_counts=true of the API v10
// (discord.com/developers/docs/resources/invite#get-invite, fields checked in
// November 2026), which wants no token and says the approximate number of
// members. An invite that ran out is a 404; take one that never does.
type Discord struct{}

const discordAPI = "https://discord.com/api/v10"

var discordCode = regexp.MustCompile(`^[A-Za-z0-9-]{2,32}$`)

// Network is "discord".
func (Discord) Network() string { return "discord" }

// About is for people.
func (Discord) About() About {
	return About{
		Name: "Discord", Example: "discord.gg/example",
		Handle:  text.Text{EN: "An invite to the server that never expires.", FR: "Une invitation au serveur qui n’expire jamais."},
		Rounded: text.Text{EN: "Discord gives an approximate number of members.", FR: "Discord donne un nombre approximatif de membres."},
	}
}

// Parse takes an invite's code and its address.
func (Discord) Parse(input string) (Account, bool) {
	code := strings.TrimSpace(input)
	if path, ok := inAddress(code, "discord.gg"); ok {
		code = path
	} else if path, ok := inAddress(code, "discord.com", "discordapp.com"); ok {
		rest, found := strings.CutPrefix(path, "invite/")
		if !found {
			return Account{}, false
		}
		code = rest
	}
	return Account{Handle: code}, discordCode.MatchString(code)
}

// Host is Discord's.
func (Discord) Host(a Account) string { return hostOf(a.base(discordAPI)) }

// Read asks for the invite.
func (Discord) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	var answer struct {
		Members count `json:"approximate_member_count"`
	}
	pause, err := getJSON(ctx, client, a.base(discordAPI)+"/invites/"+url.PathEscape(a.Handle)+"?with_counts=true", "", &answer)
	if err != nil {
		return Reading{}, err
	}
	r, err := reading(answer.Members.n, nil, nil, pause)
	r.Rounded = true
	return r, err
}
