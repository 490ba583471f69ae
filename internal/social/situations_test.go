package social

import (
	"slices"
	"testing"
)

// situations are what a network may answer beside a plain reading. A case of
// testdata says which it shows, and its problem must be one of these; "" = it
// was read all the same.
var situations = map[string][]Problem{
	"error":        {"", Unauthorized, Expired, Hidden, Outdated, Broken, Unreadable},
	"rate limit":   {"", RateLimited},
	"odd encoding": {""},
	"deleted":      {NotFound},
	"renamed":      {"", NotFound, OtherAccount, Moved},
	"pages":        {"", RateLimited}, // more posts than an answer has
}

// without lists the situations that a network can't be in, and why.
var without = map[string]map[string]string{
	"pinterest": {"deleted": "the token goes with its account: see “the token is refused”"},
	"threads":   {"deleted": "the token goes with its account: see “the token is refused”"},
	"tiktok":    {"deleted": "the token goes with its account: see “the refresh token has run out”"},
	"linkedin":  {"renamed": "a page keeps its number"},
	"reddit":    {"renamed": "names of subreddits and people can't be changed"},
	"telegram":  {"odd encoding": "the answer is a number"},
	"discord":   {"renamed": "a server keeps its invites"},
	"mailchimp": {"renamed": "an audience keeps its ID", "odd encoding": "figures alone are asked for"},
	"listmonk":  {"renamed": "a list keeps its number", "rate limit": "one's own server has none"},
	"ghost":     {"deleted": "a site that is gone doesn't answer", "renamed": "likewise", "odd encoding": "IDs alone are asked for", "rate limit": "its documentation knows none"},
}

// Each connector shows what it makes of each situation in one of its files.
func TestEverySituationIsShown(t *testing.T) {
	for _, c := range Connectors() {
		shown := map[string]bool{}
		note := func(name string, shows []string, problem Problem) {
			for _, s := range shows {
				allowed, known := situations[s]
				if !known || !slices.Contains(allowed, problem) {
					t.Errorf("%s: %q shows %q with the problem %q", c.Network(), name, s, problem)
				}
				shown[s] = true
			}
		}
		for _, tc := range cases[networkCase](t, "networks/"+c.Network()+".json") {
			note(tc.Name, tc.Shows, tc.Problem)
		}
		_, posts := c.(PostReader)
		if posts {
			for _, tc := range cases[postsCase](t, "posts/"+c.Network()+".json") {
				note(tc.Name, tc.Shows, tc.Problem)
			}
		}
		for s := range situations {
			reason := without[c.Network()][s]
			if s == "pages" && !posts {
				reason = "a count has no pages"
			}
			if shown[s] == (reason != "") {
				t.Errorf("%s: %q is shown: %v, against its reason not to be: %q", c.Network(), s, shown[s], reason)
			}
		}
	}
}
