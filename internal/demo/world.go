package demo

import "github.com/earshot-analytics/earshot/internal/enrich"

// What the generated readers are like. Every list is (value, weight): slots
// turns weights into a table that ClickHouse can index with a hash.

type source struct {
	name, medium, channel, referrer   string
	utmSource, utmMedium, utmCampaign string
	weight                            int
}

// The first sources are those that readers of a share come with; network
// refers to them by index.
var sources = []source{
	{weight: 46, channel: enrich.ChannelDirect},
	{name: "Bluesky", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "go.bsky.app", weight: 9},
	{name: "LinkedIn", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "linkedin.com", weight: 7},
	{name: "Facebook", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "l.facebook.com", weight: 8},
	{name: "X", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "t.co", weight: 4},
	{name: "Reddit", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "out.reddit.com", weight: 5},
	{name: "Gmail", medium: "email", channel: enrich.ChannelEmail, referrer: "mail.google.com", weight: 3},
	{name: "Mastodon", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "mastodon.social", weight: 4},
	{name: "Google", medium: "organic", channel: enrich.ChannelOrganicSearch, referrer: "google.com", weight: 58},
	{name: "DuckDuckGo", medium: "organic", channel: enrich.ChannelOrganicSearch, referrer: "duckduckgo.com", weight: 9},
	{name: "Bing", medium: "organic", channel: enrich.ChannelOrganicSearch, referrer: "bing.com", weight: 6},
	{name: "Ecosia", medium: "organic", channel: enrich.ChannelOrganicSearch, referrer: "ecosia.org", weight: 3},
	{name: "ChatGPT", medium: "ai-assistant", channel: enrich.ChannelAI, referrer: "chatgpt.com", weight: 7},
	{name: "Perplexity", medium: "ai-assistant", channel: enrich.ChannelAI, referrer: "perplexity.ai", weight: 3},
	{name: "Hacker News", medium: "social", channel: enrich.ChannelOrganicSocial, referrer: "news.ycombinator.com", weight: 6},
	{name: "Newsletter", medium: "email", channel: enrich.ChannelEmail, utmSource: "newsletter", utmMedium: "email", utmCampaign: "first-sunday", weight: 10},
	{name: "indieblog.page", medium: "referral", channel: enrich.ChannelReferral, referrer: "indieblog.page", weight: 6},
	{name: "lemonde.fr", medium: "referral", channel: enrich.ChannelReferral, referrer: "lemonde.fr/pixels", weight: 2},
	{name: "standblog.example", medium: "referral", channel: enrich.ChannelReferral, referrer: "standblog.example/2026", weight: 4},
}

type network struct {
	key, kind string
	source    int // index into sources: how its readers arrive
	weight    int
}

var networks = []network{
	{"copy", "copy", 0, 31}, {"whatsapp", "link", 0, 14}, {"mastodon", "link", 0, 13}, {"bluesky", "link", 1, 12},
	{"linkedin", "link", 2, 8}, {"facebook", "link", 3, 8}, {"email", "link", 6, 6}, {"x", "link", 4, 4},
	{"native", "native", 0, 2}, {"reddit", "link", 5, 2},
}

type agent struct {
	device, browser, version, os, osVersion string
	weight                                  int
}

var agents = []agent{
	{enrich.DeviceMobile, "Safari", "26.1", "iOS", "26.1", 21}, {enrich.DeviceMobile, "Chrome", "142.0", "Android", "16", 26},
	{enrich.DeviceMobile, "Samsung Browser", "29.0", "Android", "15", 4}, {enrich.DeviceDesktop, "Chrome", "142.0", "Windows", "10", 19},
	{enrich.DeviceDesktop, "Microsoft Edge", "142.0", "Windows", "10", 5}, {enrich.DeviceDesktop, "Firefox", "145.0", "Windows", "10", 5},
	{enrich.DeviceDesktop, "Safari", "26.1", "Mac", "10.15", 8}, {enrich.DeviceDesktop, "Chrome", "141.0", "Mac", "10.15", 5},
	{enrich.DeviceDesktop, "Firefox", "145.0", "GNU/Linux", "", 4}, {enrich.DeviceTablet, "Safari", "26.0", "iOS", "26.0", 3},
}

type weighted struct {
	value  string
	weight int
}

// countries by the language of the page that a visit begins on.
var countries = map[string][]weighted{
	"fr": {{"FR", 118}, {"BE", 19}, {"CH", 14}, {"CA", 17}, {"MA", 6}, {"SN", 4}, {"TN", 4}, {"DE", 4}, {"LU", 3}, {"US", 4}, {"GB", 3}, {"CI", 2}, {"ES", 2}},
	"en": {{"US", 66}, {"GB", 31}, {"FR", 24}, {"DE", 17}, {"CA", 13}, {"NL", 9}, {"IN", 9}, {"AU", 8}, {"SE", 5}, {"IE", 4}, {"CH", 4}, {"ES", 3}, {"BR", 3}, {"JP", 2}, {"NZ", 2}},
}

// hourWeights is when people read, by hour of the site's day: a working day
// and a day of the weekend.
var hourWeights = [2][24]float64{
	{2, 1, 1, 1, 1, 2, 5, 10, 13, 13, 12, 12, 17, 17, 12, 10, 10, 11, 12, 13, 15, 16, 11, 5},
	{3, 2, 1, 1, 1, 1, 2, 4, 8, 11, 13, 12, 10, 10, 10, 11, 12, 14, 16, 18, 20, 18, 12, 6},
}

// weekdayWeights, Sunday first: Sundays and Tuesdays are read most.
var weekdayWeights = [7]float64{1.22, 1.02, 1.08, 1.02, 0.98, 0.86, 0.82}

// follower histories of the demo's accounts: a Gompertz curve that levels off
// at limit, and what a day adds by chance.
type following struct {
	network, account string
	limit            float64 // followers when growth ends
	start            float64 // followers when the history begins
	rate             float64 // of approach to the limit, a year
	decline          float64 // followers lost a year in the last year
	lost             [2]int  // days ago between which nothing could be read

	reach float64 // times that a post is seen, for each follower
	liked float64 // likes, for each time that it is seen
	views bool    // the network says how often it is seen
}

var followings = []following{
	{network: "mastodon", account: "@words@social.example", limit: 5200, start: 140, rate: 0.62, reach: 0.3, liked: 0.03},
	{network: "bluesky", account: "words.example", limit: 7400, start: 20, rate: 0.85, lost: [2]int{139, 122}, reach: 0.25, liked: 0.025},
	{network: "x", account: "carriedwords", limit: 8150, start: 6100, rate: 1.5, decline: 420, reach: 0.12, liked: 0.008, views: true},
	{network: "linkedin", account: "carried-words", limit: 3900, start: 700, rate: 0.5, reach: 0.35, liked: 0.015, views: true},
}

// An account that is somebody else's, beside the demo's own; whoever has its
// readings in a site marks it as a competitor's.
const (
	RivalNetwork = "bluesky"
	RivalAccount = "louder.example"
)

var rival = following{network: RivalNetwork, account: RivalAccount, limit: 24_000, start: 900, rate: 0.55}

// leftOut is what a blog of this size keeps out on an average day.
var leftOut = []struct {
	reason, agent string
	perDay        float64
}{
	{"ai", "GPTBot", 21}, {"ai", "ClaudeBot", 14}, {"bot", "Googlebot", 18}, {"bot", "bingbot", 9},
	{"bot", "AhrefsBot", 11}, {"preview", "mastodon", 6}, {"preview", "whatsapp", 4}, {"preview", "bluesky", 3}, {"preview", "facebook", 2},
	{"excluded", "", 7},
}
