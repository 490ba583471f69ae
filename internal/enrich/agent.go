package enrich

import (
	"fmt"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"
)

// Limits of what is read of a User-Agent, and of how many are remembered.
const (
	maxUserAgent = 1024 // bytes
	agentCache   = 10_000
)

// Agent is what a User-Agent says. "" is not known.
type Agent struct {
	Bot Bot // zero: a reader; for a bot the rest is ""

	Browser        string // "Chrome", "Safari", "Microsoft Edge", an app's name, "Mobile App", …
	BrowserVersion string // "131.0": at most major and minor
	OS             string // Plausible's names: "Mac", "Windows", "GNU/Linux", "iOS", "Android", …
	OSVersion      string
	Device         string // one of the Device constants
	InApp          string // title of the app whose built-in browser this is: "Instagram"
}

// mobileApp is Plausible's browser name for a web view that doesn't say whose.
const mobileApp = "Mobile App"

// Agents reads User-Agents and remembers the answers. It is safe for
// concurrent use.
type Agents struct {
	bots          *botList
	rules         func() (*uapRules, error)
	inApp         *tokens
	allowHeadless bool
	cache         *otter.Cache[string, *Agent]
}

// NewAgents reads the embedded lists of who asks: for those who need nothing
// else of an Enricher.
func NewAgents(o Options) (*Agents, error) {
	t, err := newTable(sourcesYAML)
	if err != nil {
		return nil, err
	}
	return newAgents(t, o)
}

func newAgents(t *table, o Options) (*Agents, error) {
	bots, err := newBotList(t)
	if err != nil {
		return nil, err
	}
	cache, err := otter.New(&otter.Options[string, *Agent]{MaximumSize: agentCache})
	if err != nil {
		return nil, fmt.Errorf("make User-Agent cache: %w", err)
	}
	return &Agents{
		bots: bots, inApp: t.agents, allowHeadless: o.AllowHeadless, cache: cache,
		// The first User-Agent pays for this, not the program's start.
		rules: sync.OnceValues(newUAPRules),
	}, nil
}

// Agent reads a User-Agent, see Agents.Agent.
func (e *Enricher) Agent(userAgent string) *Agent { return e.agents.Agent(userAgent) }

// Agent reads a User-Agent. Only its first 1,024 bytes count. The answer is
// shared: don't change it.
func (g *Agents) Agent(userAgent string) *Agent {
	if len(userAgent) > maxUserAgent {
		userAgent = userAgent[:maxUserAgent]
	}
	if a, ok := g.cache.GetIfPresent(userAgent); ok {
		return a
	}
	// A header's string shares memory with all of its request's headers,
	// cookies and addresses among them: none of that may live on in the cache.
	userAgent = strings.Clone(userAgent)
	a := g.read(userAgent)
	g.cache.Set(userAgent, a)
	return a
}

// capitals gives an agent that was sent in lower case the words that browsers
// and systems are told by.
var capitals = strings.NewReplacer("mozilla/", "Mozilla/", "applewebkit/", "AppleWebKit/", "chrome/", "Chrome/", "version/", "Version/", "safari/", "Safari/", "firefox/", "Firefox/", "opera/", "Opera/", "mobile", "Mobile",
	"(linux", "(Linux", "android ", "Android ", "(windows nt", "(Windows NT", "(macintosh", "(Macintosh", "intel mac os x", "Intel Mac OS X", "(iphone; cpu iphone os", "(iPhone; CPU iPhone OS", "(ipad; cpu os", "(iPad; CPU OS", "like mac os x", "like Mac OS X", "trident/", "Trident/", "msie ", "MSIE ")

// passedOn is what a proxy writes of itself behind the agent of who asked.
var passedOn = &lazyRegexp{expr: `(?i)^((?:Mozilla|Opera)/.*?)(?:,gzip\(gfe\))? \(?via (?:proxy gateway|HTTP/1|translate\.google\.).*$`}

func (g *Agents) read(ua string) *Agent {
	if g.allowHeadless {
		ua = strings.ReplaceAll(ua, "HeadlessChrome", "Chrome")
	}
	ua = strings.ToValidUTF8(ua, "")
	if strings.Contains(ua, "via ") {
		ua = passedOn.get().ReplaceAllString(ua, "$1")
	}
	lower := lowerForFilter(ua)
	a := &Agent{Bot: g.bots.find(ua, lower)}
	if a.Bot.Is() {
		return a
	}
	if ua == lower {
		ua = capitals.Replace(ua) // some programs in between send agents so
	}
	// An error here is one of the embedded lists, and newRules has a test.
	if rules, err := g.rules(); err == nil {
		b, own := rules.named(ua, lower)
		if !own {
			b = rules.browser(ua, lower)
			if plainFamilies[b.Family] {
				if own, ok := selfNamed(ua); ok {
					b = own
				}
			}
			b.Family = browserName(b.Family)
		}
		a.Browser = cleanText(b.Family, 100)
		if a.Browser != "" {
			a.BrowserVersion = version(b.Major, b.Minor)
		}
		s := rules.system(ua, lower)
		a.OS = cleanText(systemName(s.Family), 100)
		if a.OS != "" {
			a.OSVersion = version(s.Major, s.Minor)
		}
	}
	if a.InApp = g.inApp.find(ua); a.InApp != "" {
		if a.Browser == mobileApp || a.Browser == "" {
			a.BrowserVersion = "" // the engine's, not the app's
		}
		a.Browser = a.InApp
	}
	a.Device = device(ua, a.OS)
	return a
}

// version joins two numbers, "131.0"; a part that holds no number is left out.
func version(major, minor string) string {
	major, minor = cleanText(major, 20), cleanText(minor, 20)
	if major == "" || minor == "" {
		return major
	}
	return major + "." + minor
}

// browserName gives a browser one name on all of its systems, Plausible's
// where it has one.
func browserName(family string) string {
	switch family {
	case "", "Other":
		return ""
	case "Mobile Safari":
		return "Safari"
	case "Chrome Mobile", "Chrome Mobile iOS":
		return "Chrome"
	case "Chrome Mobile WebView", "Mobile Safari UI/WKWebView", "Android WebView":
		return mobileApp
	case "Firefox Mobile", "Firefox iOS":
		return "Firefox"
	case "Edge", "Edge Mobile", "EdgeAndroid", "EdgeiOS", "Edge WebView2":
		return "Microsoft Edge"
	case "Opera Mobile", "Opera Mini", "Opera Mini iOS", "Opera Touch", "Opera Coast":
		return "Opera"
	case "Samsung Internet":
		return "Samsung Browser"
	case "IE", "IE Mobile", "IE Large Screen":
		return "Internet Explorer"
	case "DuckDuckGo Mobile", "DuckDuckGo":
		return "DuckDuckGo Privacy Browser"
	case "UC Browser Mini", "UC Browser Turbo":
		return "UC Browser"
	case "QQ Browser Mobile", "QQ Browser Mini":
		return "QQ Browser"
	case "Epiphany":
		return "GNOME Web"
	case "Yandex", "YandexSearch", "YandexBrowser":
		return "Yandex Browser"
	case "MiuiBrowser":
		return "MIUI Browser"
	case "Android":
		return "Android Browser"
	}
	return family
}

// systemName gives Plausible's name of an operating system.
func systemName(family string) string {
	switch family {
	case "", "Other":
		return ""
	case "Mac OS X", "Mac OS":
		return "Mac"
	case "Linux":
		return "GNU/Linux"
	case "Windows NT":
		return "Windows"
	case "ATV OS X":
		return "tvOS"
	case "WatchOS":
		return "watchOS"
	case "Chromecast Android", "Chromecast Fuchsia", "Chromecast Linux", "Chromecast SmartSpeaker":
		return "Chromecast"
	}
	return family
}
