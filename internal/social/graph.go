package social

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Meta's APIs (Facebook, Instagram, Threads) share their errors and the
// headers that say how much of the app's allowance is used
// (developers.facebook.com/docs/graph-api/guides/error-handling and
// …/overview/rate-limiting, Graph API v25.0, read in November 2026).

const graphVersion = "v25.0"

type graphFault struct {
	Error struct {
		Code    int `json:"code"`
		Subcode int `json:"error_subcode"`
	} `json:"error"`
}

// graphError finds out what a refusal of a Graph API means: its status is 400
// for nearly everything.
func graphError(err error) error {
	_, body := refusal(err)
	var fault graphFault
	if json.Unmarshal([]byte(body), &fault) != nil || fault.Error.Code == 0 {
		return err
	}
	switch code := fault.Error.Code; {
	case code == 190 && fault.Error.Subcode == 463:
		return instead(err, Expired, 0)
	case code == 190, code == 102, code == 3, code == 10, code >= 200 && code <= 299:
		return instead(err, Unauthorized, 0)
	case code == 4, code == 17, code == 32, code == 613, code >= 80000 && code <= 80014:
		return instead(err, RateLimited, graphRest)
	case code == 100 && fault.Error.Subcode == 33, code == 803, code == 110, code == 24:
		return instead(err, NotFound, 0)
	case code == 1, code == 2:
		return instead(err, Broken, 0)
	}
	return err
}

// sameName compares the account that a token belongs to with the one named.
func sameName(got, want string) bool {
	return strings.EqualFold(strings.TrimPrefix(got, "@"), strings.TrimPrefix(want, "@"))
}

// graphInsights are figures by name. The APIs put an account's value in one
// place and a post's value in another.
type graphInsights struct {
	Data []struct {
		Name  string `json:"name"`
		Total struct {
			Value count `json:"value"`
		} `json:"total_value"`
		Values []struct {
			Value count `json:"value"`
		} `json:"values"`
	} `json:"data"`
}

func (g graphInsights) count(name string) *uint64 {
	for _, d := range g.Data {
		if d.Name == name && d.Total.Value.n != nil {
			return d.Total.Value.n
		}
		if d.Name == name && len(d.Values) > 0 {
			return d.Values[0].Value.n
		}
	}
	return nil
}

// withViews asks for fields and views at once. Views need one more permission,
// and where it is missing the whole request is refused: then it asks again
// without them.
func withViews(fields, views string, ask func(fields string) (time.Duration, error)) (time.Duration, error) {
	pause, err := ask(fields + "," + views)
	if err == nil || asError(err).Wait > 0 {
		return pause, err
	}
	switch ProblemOf(err) {
	case Unauthorized, Unreadable, Broken, NotFound:
		return ask(fields)
	}
	return pause, err
}

// renewedToken asks the API at address for a token in place of this one; the
// new one lasts 60 days. The API refuses to renew a token that is less than a
// day old.
func renewedToken(ctx context.Context, client *http.Client, address, grant, token string) (string, error) {
	var answer struct {
		Token string `json:"access_token"`
	}
	q := url.Values{"grant_type": {grant}, "access_token": {strings.TrimSpace(token)}}
	if _, err := getJSON(ctx, client, address+"/refresh_access_token?"+q.Encode(), "", &answer); err != nil {
		return "", graphError(err)
	}
	if answer.Token == "" {
		return "", &Error{Problem: Unreadable, Err: errors.New("no token in the answer")}
	}
	return answer.Token, nil
}

// graphTotal is how an edge gives its count.
type graphTotal struct {
	Summary struct {
		Total count `json:"total_count"`
	} `json:"summary"`
}
