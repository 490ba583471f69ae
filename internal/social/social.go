// Package social reads follower counts from the networks: a connector for
// each, and a poller that asks politely and remembers what went wrong.
// cmd/earshot runs the poller; the settings pages try an account with it.
//
// Rules: a failed reading is an error, never a count of 0. Every request goes
// through the http.Client that the caller gives (see NewHTTPClient), has a
// deadline and a bound on its answer. Secrets and answers are never logged.
package social

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Account names a profile on a network.
type Account struct {
	Handle  string // as its network writes it
	BaseURL string // where its API answers; "" = the network's usual place
	Secret  string // what its API asks for; "" = nothing
}

// Reading is what a network says of an account now.
type Reading struct {
	Followers uint64
	Following *uint64 // nil = the network doesn't say
	Posts     *uint64 // nil = the network doesn't say
	Rounded   bool    // the network rounded this count
	// Secret is to be kept in place of the account's: the network gave a new
	// one. It may come beside an error; "" = the old one stays.
	Secret string
	// Pause is how long the network asks to be left alone from now on; 0 = it
	// doesn't mind.
	Pause time.Duration
	// ID is the network's own of the account, which stays when its name changes
	// and is another's when its name is; "" = the network doesn't say.
	ID string

	// found is what Posts continues from, so that nothing is asked twice: the
	// account's own ID, or the access token of this reading. It is never
	// stored.
	found string
}

// Ask says whether a form asks for something.
type Ask int

// What a form may do with a field.
const (
	Never Ask = iota
	Optional
	Required
)

// About is what people are told about a network, and asked for, before they add
// an account. The form and the documentation are made from it.
type About struct {
	Name       string    // "YouTube"
	Example    string    // an account as people write it
	Handle     text.Text // what to enter, where Example doesn't say it all
	Secret     Ask       // a token or key
	SecretName text.Text // what the network calls it
	SecretHelp text.Text // where to get it, what it must allow, its form
	Server     Ask       // an address of one's own where the API answers
	Rounded    text.Text // how the network rounds; "" = its counts are exact
	// PostsEvery is the least time between two readings of posts, where each
	// costs its user money; 0 = they are read with the followers.
	PostsEvery time.Duration
}

// accessToken is what most networks call the secret.
var accessToken = text.Text{EN: "Access token", FR: "Jeton d’accès"}

// Connector reads one network.
type Connector interface {
	// Network is the network's key, as in event.FollowerCount.
	Network() string
	// About is for people.
	About() About
	// Parse understands a handle or a profile's address as people write it.
	Parse(input string) (Account, bool)
	// Host is where Read will ask for this account: one request at a time goes
	// to a host.
	Host(a Account) string
	// Read asks for the counts of now. Its errors are *Error.
	Read(ctx context.Context, client *http.Client, a Account) (Reading, error)
}

// Renewer is a Connector whose secrets run out unless the network is asked in
// time for a new one.
type Renewer interface {
	Connector
	// Renew gives the secret to keep in place of the account's; "" = this one
	// doesn't run out.
	Renew(ctx context.Context, client *http.Client, a Account) (secret string, err error)
}

// Problem says what is wrong with an account, as a key: the pages have its
// sentence in each language under "problem.<key>".
type Problem string

// Problems of an account.
const (
	NotFound     Problem = "not_found"    // no such account there
	Moved        Problem = "moved"        // the account says that it goes on elsewhere
	Unauthorized Problem = "unauthorized" // the network wants a token, or another one
	Expired      Problem = "expired"      // the token has run out
	OtherAccount Problem = "other"        // the token belongs to another account than the one named
	Hidden       Problem = "hidden"       // the account hides its count
	Outdated     Problem = "outdated"     // the network has ended the version of its API that we speak
	RateLimited  Problem = "rate_limited"
	Unreachable  Problem = "unreachable" // no answer: DNS, connection or timeout
	Broken       Problem = "broken"      // the network answers with a server error
	Blocked      Problem = "blocked"     // a bot check, a firewall or a login page answers in the network's place
	Unreadable   Problem = "unreadable"  // an answer without the counts
	Forbidden    Problem = "forbidden"   // an address inside the operator's network
	Unsupported  Problem = "unsupported" // no connector for the network
	Internal     Problem = "internal"    // read, but not kept: our own fault
)

// Error is a reading that failed.
type Error struct {
	Problem Problem
	Wait    time.Duration // the network asks to be left alone for so long; 0 = it doesn't say
	To      string        // of Moved: the account that it goes on as
	Err     error         // for the log
}

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Problem)
	}
	return string(e.Problem) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// asError is the *Error in err; an error of another kind is a fault of ours.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Problem: Internal, Err: err}
}

// ProblemOf is the problem that an error of Try stands for.
func ProblemOf(err error) Problem { return asError(err).Problem }

// base is the account's API address or, where it has none, the usual one.
func (a Account) base(usual string) string {
	if a.BaseURL != "" {
		return strings.TrimRight(a.BaseURL, "/")
	}
	return usual
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	return u.Host
}

// secretParts splits a secret of two or three parts, entered as "id:secret".
func (a Account) secretParts(n int) ([]string, error) {
	parts := strings.Split(strings.TrimSpace(a.Secret), ":")
	if len(parts) != n || slices.Contains(parts, "") {
		return nil, &Error{Problem: Unauthorized, Err: fmt.Errorf("the secret has not %d parts with colons between them", n)}
	}
	return parts, nil
}

// needsSecret refuses an account without one before anybody is asked.
func (a Account) needsSecret() error {
	if strings.TrimSpace(a.Secret) == "" {
		return &Error{Problem: Unauthorized, Err: errors.New("no token is set")}
	}
	return nil
}
