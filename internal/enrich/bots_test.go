package enrich

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/event"
)

type crawler struct {
	Pattern   string
	Instances []string
	Tags      []string
}

// crawlers reads the npm package's corpus of real bots' User-Agents.
func crawlers(t testing.TB) []crawler {
	t.Helper()
	raw, err := os.ReadFile("../../node_modules/crawler-user-agents/crawler-user-agents.json")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("the corpus is missing: %v", err)
	}
	var all []crawler
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestKnownBotsAreFound(t *testing.T) {
	e := newEnricher(t, Options{})
	total, missed, named := 0, 0, 0
	for _, c := range crawlers(t) {
		for _, ua := range c.Instances {
			total++
			b := e.Agent(ua).Bot
			switch {
			case !b.Is():
				missed++
				t.Logf("missed: %s", ua)
			case b.Name != "":
				named++
			}
		}
	}
	// The corpus has a few that nothing tells from a browser.
	if missed*100 > total || named*100 < total*98 {
		t.Errorf("of %d bots %d are missed, %d have a name", total, missed, named)
	}
}

func TestBots(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, c := range []struct {
		name, ua string
		want     Bot
		left     string
	}{
		{"Googlebot", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/130.0.0.0 Safari/537.36", Bot{"search", "Googlebot", ""}, event.LeftBot},
		{"the longest name wins", "Googlebot-Image/1.0", Bot{"search", "Googlebot-Image", ""}, event.LeftBot},
		{"bingbot", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", Bot{"search", "bingbot", ""}, event.LeftBot},
		{"GPTBot", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", Bot{"ai", "GPTBot", ""}, event.LeftAI},
		{"ClaudeBot", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", Bot{"ai", "claudebot", ""}, event.LeftAI},
		{"PerplexityBot", "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)", Bot{"ai", "PerplexityBot", ""}, event.LeftAI},
		{"Facebook preview", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", Bot{"preview", "Facebook", "facebook"}, event.LeftPreview},
		{"X preview", "Twitterbot/1.0", Bot{"preview", "X", "x"}, event.LeftPreview},
		{"Slack preview", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Bot{"preview", "Slack", "slack"}, event.LeftPreview},
		{"Telegram preview names Twitterbot too", "TelegramBot (like TwitterBot)", Bot{"preview", "Telegram", "telegram"}, event.LeftPreview},
		{"WhatsApp preview", "WhatsApp/2.23.20.0 A", Bot{"preview", "WhatsApp", "whatsapp"}, event.LeftPreview},
		{"Discord preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", Bot{"preview", "Discord", "discord"}, event.LeftPreview},
		{"LinkedIn preview", "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)", Bot{"preview", "LinkedIn", "linkedin"}, event.LeftPreview},
		{"Mastodon preview", "http.rb/5.1.1 (Mastodon/4.3.1; +https://mastodon.social/) Bot", Bot{"preview", "Mastodon", "mastodon"}, event.LeftPreview},
		{"Bluesky preview", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)", Bot{"preview", "Bluesky", "bluesky"}, event.LeftPreview},
		{"iMessage preview", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0", Bot{"preview", "iMessage", "imessage"}, event.LeftPreview},
		{"curl", "curl/8.5.0", Bot{"library", "curl", ""}, event.LeftBot},
		{"nothing at all", "", Bot{"other", "", ""}, event.LeftBot},
		{"a bot nobody knows has no name of its own making", "Mozilla/5.0 (compatible; ZzyzxNobodyBot/1.0)", Bot{"other", "", ""}, event.LeftBot},
		{"CUBOT is a phone", "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36", Bot{}, ""},
		{"Meta's in-app browser is a reader's", "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 MetaIAB Facebook", Bot{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := e.Agent(c.ua).Bot
			agent := c.want.Name
			if c.want.Network != "" {
				agent = c.want.Network
			}
			if got != c.want || got.LeftOut() != c.left || got.Agent() != agent {
				t.Errorf("%q is %+v, left out as %q; want %+v, %q", c.ua, got, got.LeftOut(), c.want, c.left)
			}
		})
	}
}

func TestSplitLookaround(t *testing.T) {
	for _, c := range []struct{ in, before, core, after string }{
		{`bot`, "", "bot", ""},
		{`(?<! cu)bots?(?:\b|_)`, " cu", `bots?(?:\b|_)`, ""},
		{`(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))`, " channel/|google/", "google", "(?:wv|app|/google| pixel)"},
		{`java(?!;)`, "", "java", ";"},
	} {
		before, core, after := splitLookaround(c.in)
		if got := []string{before, core, after}; !slices.Equal(got, []string{c.before, c.core, c.after}) {
			t.Errorf("%s is taken apart to %q", c.in, got)
		}
	}
}

// Every pattern compiles: they are compiled only when first tried.
func TestEmbeddedPatternsCompile(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, re := range e.agents.bots.knownRe {
		re.get()
	}
	for _, s := range e.agents.bots.signs {
		s.core.get()
		if strings.Contains(s.core.expr, "(?<") || strings.Contains(s.core.expr, "(?!") {
			t.Errorf("%s has look-around left", s.core.expr)
		}
	}
	rules, err := newUAPRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, re := range slices.Concat(rules.browserRe, rules.systemRe, rules.ownRe, []*lazyRegexp{
		personalAgents, phoneMakers, phoneSystems, appLibraries, links,
	}) {
		re.get()
	}
	for _, m := range []*models{consoleModel, wearableModel, carModel, tvModel, tabletSeries, tabletModel, phoneModel, quietPhones} {
		m.has("")
		for _, re := range m.res {
			re.get()
		}
	}
}

// After an update of the npm packages, go generate must have been run.
func TestBotDataIsOfTheInstalledPackages(t *testing.T) {
	head, _, _ := strings.Cut(botsTSV, "\n")
	for _, pkg := range []string{"crawler-user-agents", "isbot"} {
		raw, err := os.ReadFile("../../node_modules/" + pkg + "/package.json")
		if err != nil {
			crawlers(t) // skips or fails
		}
		var v struct{ Version string }
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		if want := pkg + " " + v.Version; !strings.Contains(head, want) {
			t.Errorf("bots.tsv is not of %s: run go generate ./internal/enrich", want)
		}
	}
}
