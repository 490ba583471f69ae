package social

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Telegram reads getChatMemberCount of the Bot API
// (core.telegram.org/bots/api#getchatmembercount; the method as in Bot API 9.2,
// checked in November 2026, the descriptions of errors from memory): any bot
// may ask it of a public channel or group. The token stands in the address, as
// the API wants it. 429 says how long to wait in the answer
// (…#responseparameters).
type Telegram struct{}

const telegramAPI = "https://api.telegram.org"

var (
	telegramProfiles = profiles{[]string{"t.me", "telegram.me"}, "s joinchat share addlist addstickers proxy socks login c"}

	telegramName  = regexp.MustCompile(`^[a-z][a-z0-9_]{3,31}$`)
	telegramToken = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)
)

// Network is "telegram".
func (Telegram) Network() string { return "telegram" }

// About is for people.
func (Telegram) About() About {
	return About{
		Name: "Telegram", Example: "@alicewrites",
		Handle: text.Text{EN: "A public channel or group.", FR: "Un canal ou un groupe public."},
		Secret: Required, SecretName: text.Text{EN: "Bot token", FR: "Jeton de bot"},
		SecretHelp: text.Text{EN: "Write /newbot to @BotFather in Telegram: it answers with the token. Free.", FR: "Écrivez /newbot à @BotFather dans Telegram : il répond avec le jeton. Gratuit."},
	}
}

// Parse takes @name, name, and https://t.me/name.
func (Telegram) Parse(input string) (Account, bool) {
	if path, ok := inAddress(input, telegramProfiles.hosts...); ok {
		if rest, ok := strings.CutPrefix(path, "s/"); ok { // the channel's page for the web
			input, _, _ = strings.Cut(rest, "/")
		}
	}
	return nameOn(input, telegramName, telegramProfiles)
}

// Host is Telegram's.
func (Telegram) Host(a Account) string { return hostOf(a.base(telegramAPI)) }

// Read asks for the members.
func (Telegram) Read(ctx context.Context, client *http.Client, a Account) (Reading, error) {
	token := strings.TrimSpace(a.Secret)
	if !telegramToken.MatchString(token) {
		return Reading{}, &Error{Problem: Unauthorized, Err: errors.New("the token is not a bot's")}
	}
	var answer struct {
		Result count `json:"result"`
	}
	pause, err := getJSON(ctx, client, a.base(telegramAPI)+"/bot"+token+"/getChatMemberCount?chat_id="+url.QueryEscape("@"+a.Handle), "", &answer)
	if err != nil {
		return Reading{}, telegramError(err)
	}
	return reading(answer.Result.n, nil, nil, pause)
}

func telegramError(err error) error {
	status, body := refusal(err)
	var fault struct {
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"` // seconds
		} `json:"parameters"`
	}
	_ = json.Unmarshal([]byte(body), &fault) // what isn't JSON says no more than its status
	switch {
	case status == http.StatusBadRequest && strings.Contains(fault.Description, "not found"):
		return instead(err, NotFound, 0)
	case status == http.StatusNotFound && fault.Description != "": // no such bot
		return instead(err, Unauthorized, 0)
	case fault.Parameters.RetryAfter > 0:
		return instead(err, RateLimited, time.Duration(min(fault.Parameters.RetryAfter, 7*24*3600))*time.Second)
	}
	return err
}
