package enrich

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/earshot-analytics/earshot/internal/metric"
)

func TestSource(t *testing.T) {
	e := newEnricher(t, Options{})
	const page = "https://blog.example.co.uk/post"
	for _, c := range []struct {
		name, query, referrer, inApp string
		share                        bool
		want                         string // source|medium|channel|referrer
	}{
		{"direct", "", "", "", false, "||Direct|"},
		{"the site itself", "", "https://blog.example.co.uk/other", "", false, "||Direct|"},
		{"another part of the site", "", "https://www.example.co.uk/", "", false, "example.co.uk|referral|Referral|example.co.uk"},
		{"another site below the same suffix", "", "https://else.co.uk/x/", "", false, "else.co.uk|referral|Referral|else.co.uk/x"},
		{"localhost", "", "http://localhost:3000/", "", false, "||Direct|"},
		{"no URL", "", "::not a url", "", false, "||Direct|"},
		{"another scheme", "", "about:blank", "", false, "||Direct|"},

		{"Google", "", "https://www.google.com/", "", false, "Google|organic|Organic Search|google.com"},
		{"Google in its countries", "", "https://www.google.co.jp/", "", false, "Google|organic|Organic Search|google.co.jp"},
		{"Google News", "", "https://news.google.fr/", "", false, "Google News|referral|Referral|news.google.fr"},
		{"not Google", "", "https://google.example.fr/", "", false, "google.example.fr|referral|Referral|google.example.fr"},
		{"Gmail is mail, not search", "", "https://mail.google.com/mail/u/0/", "", false, "Gmail|email|Email|mail.google.com/mail/u/0"},
		{"Gemini is an assistant, not search", "", "https://gemini.google.com/", "", false, "Google Gemini|ai-assistant|AI Assistants|gemini.google.com"},
		{"ChatGPT", "", "https://chatgpt.com/", "", false, "ChatGPT|ai-assistant|AI Assistants|chatgpt.com"},
		{"Copilot", "", "https://copilot.microsoft.com/", "", false, "Copilot|ai-assistant|AI Assistants|copilot.microsoft.com"},
		{"Copilot in Bing by path", "", "https://www.bing.com/chat?q=x", "", false, "Copilot|ai-assistant|AI Assistants|bing.com/chat"},
		{"Bing", "", "https://www.bing.com/chatter", "", false, "Bing|organic|Organic Search|bing.com/chatter"},
		{"Yahoo", "", "https://fr.search.yahoo.com/", "", false, "Yahoo!|organic|Organic Search|fr.search.yahoo.com"},
		{"Yahoo's mail", "", "https://mail.yahoo.com/", "", false, "Yahoo! Mail|email|Email|mail.yahoo.com"},
		{"Yandex", "", "https://yandex.kz/search/", "", false, "Yandex|organic|Organic Search|yandex.kz/search"},
		{"Ecosia", "", "https://www.ecosia.org/", "", false, "Ecosia|organic|Organic Search|ecosia.org"},

		{"Google's help is no search", "", "https://support.google.com/", "", false, "support.google.com|referral|Referral|support.google.com"},
		{"Yahoo's finance is no search", "", "https://finance.yahoo.com/", "", false, "finance.yahoo.com|referral|Referral|finance.yahoo.com"},
		{"an engine's blog is no search", "", "https://blog.ecosia.org/trees", "", false, "blog.ecosia.org|referral|Referral|blog.ecosia.org/trees"},
		{"a portal's news are no search", "", "https://m.news.naver.com/", "", false, "m.news.naver.com|referral|Referral|m.news.naver.com"},
		{"what is no page of results", "", "https://www.google.com/reader/view/", "", false, "google.com|referral|Referral|google.com/reader/view"},
		{"images found", "", "https://www.google.fr/imgres?q=x", "", false, "Google|organic|Organic Search|google.fr/imgres"},
		{"Yahoo in its countries, images", "", "https://it.images.search.yahoo.com/images/view;_ylt=A0", "", false, "Yahoo!|organic|Organic Search|it.images.search.yahoo.com/images/view;_ylt=A0"},
		{"Yahoo of a country", "", "https://fr.yahoo.com/", "", false, "Yahoo!|organic|Organic Search|fr.yahoo.com"},
		{"an engine's server", "", "https://s3-us3.ixquick.com/do/search", "", false, "Startpage|organic|Organic Search|s3-us3.ixquick.com/do/search"},
		{"search on a portal nobody knows", "", "https://image.search.portal.example/", "", false, "image.search.portal.example|organic|Organic Search|image.search.portal.example"},
		{"research is not search", "", "https://research.portal.example/", "", false, "research.portal.example|referral|Referral|research.portal.example"},
		{"Google's ads", "", "https://www.googleadservices.com/pagead/aclk", "", false, "Google|cpc|Paid Search|googleadservices.com/pagead/aclk"},
		{"Yandex' ads", "", "https://yabs.yandex.kz/count", "", false, "Yandex|cpc|Paid Search|yabs.yandex.kz/count"},
		{"ads on other sites", "", "https://tpc.googlesyndication.com/", "", false, "Google Display|cpc|Display|tpc.googlesyndication.com"},
		{"an ad server", "", "https://ib.adnxs.com/", "", false, "adnxs.com|cpc|Display|ib.adnxs.com"},

		{"mail of a company with a search engine", "", "https://fr-mg42.mail.yahoo.com/", "", false, "Yahoo! Mail|email|Email|fr-mg42.mail.yahoo.com"},
		{"a provider's numbered mail host", "", "https://webmail1m.orange.fr/webmail/fr_FR/read.html", "", false, "Orange Mail|email|Email|webmail1m.orange.fr/webmail/fr_FR/read.html"},
		{"a provider's other pages", "", "https://boutique.orange.fr/", "", false, "boutique.orange.fr|referral|Referral|boutique.orange.fr"},
		{"a de-referrer", "", "https://deref-gmx.net/mail/client/x/dereferrer/", "", false, "GMX|email|Email|deref-gmx.net/mail/client/x/dereferrer"},
		{"a de-referrer in another country", "", "https://deref-gmx.co.uk/", "", false, "GMX|email|Email|deref-gmx.co.uk"},
		{"a de-referrer nobody knows", "", "https://deref-post.example/", "", false, "deref-post.example|email|Email|deref-post.example"},
		{"somebody's webmail", "", "https://webmail.example.org/", "", false, "webmail.example.org|email|Email|webmail.example.org"},
		{"somebody's Outlook", "", "https://outlook.example.org/owa/", "", false, "outlook.example.org|email|Email|outlook.example.org/owa"},
		{"a list's archive is no mailbox", "", "https://mail.example.org/pipermail/x/", "", false, "mail.example.org|referral|Referral|mail.example.org/pipermail/x"},
		{"nor is a site of archives", "", "https://mail-archives.example.org/", "", false, "mail-archives.example.org|referral|Referral|mail-archives.example.org"},
		{"nor a name that has mail in it", "", "https://dailymail.example/", "", false, "dailymail.example|referral|Referral|dailymail.example"},

		{"TikTok", "", "https://www.tiktok.com/", "", false, "TikTok|social|Organic Social|tiktok.com"},
		{"a page of links", "", "https://linktr.ee/alice", "", false, "Linktree|social|Organic Social|linktr.ee/alice"},
		{"another page of links", "", "https://lnk.bio/alice", "", false, "lnk.bio|social|Organic Social|lnk.bio/alice"},
		{"somebody else's subdomain", "", "https://docs.else.example/a", "", false, "docs.else.example|referral|Referral|docs.else.example/a"},
		{"an international name", "", "https://www.b\u00fccher.example/a", "", false, "b\u00fccher.example|referral|Referral|b\u00fccher.example/a"},
		{"the same in ASCII", "", "https://xn--bcher-kva.example/a", "", false, "b\u00fccher.example|referral|Referral|b\u00fccher.example/a"},
		{"the same in capitals", "", "https://B\u00dcCHER.example/a", "", false, "b\u00fccher.example|referral|Referral|b\u00fccher.example/a"},
		{"a name that is to pass for another", "", "https://xn--rddit-zwe.com/", "", false, "xn--rddit-zwe.com|referral|Referral|xn--rddit-zwe.com"},

		{"t.co", "", "https://t.co/AbC?amp=1", "", false, "X|social|Organic Social|t.co/AbC"},
		{"microsoft.com holds t.co and is not it", "", "https://www.microsoft.com/", "", false, "microsoft.com|referral|Referral|microsoft.com"},
		{"netflix.com ends in x.com and is not X", "", "https://www.netflix.com/", "", false, "Netflix|video|Organic Video|netflix.com"},
		{"phoenix.com ends in x.com and is nothing", "", "https://phoenix.com/", "", false, "phoenix.com|referral|Referral|phoenix.com"},
		{"x.com", "", "https://x.com/", "", false, "X|social|Organic Social|x.com"},
		{"Grok within X", "", "https://x.com/i/grok?conversation=1", "", false, "Grok|ai-assistant|AI Assistants|x.com/i/grok"},
		{"Facebook's link shim", "", "https://lm.facebook.com/l.php?u=x", "", false, "Facebook|social|Organic Social|lm.facebook.com/l.php"},
		{"fb.me", "", "https://fb.me/", "", false, "Facebook|social|Organic Social|fb.me"},
		{"Instagram", "", "https://l.instagram.com/", "", false, "Instagram|social|Organic Social|l.instagram.com"},
		{"Threads", "", "https://l.threads.com/", "", false, "Threads|social|Organic Social|l.threads.com"},
		{"LinkedIn", "", "https://lnkd.in/x", "", false, "LinkedIn|social|Organic Social|lnkd.in/x"},
		{"Tumblr", "", "https://t.umblr.com/", "", false, "Tumblr|social|Organic Social|t.umblr.com"},
		{"VK", "", "https://away.vk.com/", "", false, "VK|social|Organic Social|away.vk.com"},
		{"Telegram", "", "https://webk.telegram.org/", "", false, "Telegram|social|Organic Social|webk.telegram.org"},
		{"Discord", "", "https://canary.discord.com/channels/1", "", false, "Discord|social|Organic Social|canary.discord.com/channels/1"},
		{"Teams", "", "https://statics.teams.cdn.office.net/", "", false, "Microsoft Teams|social|Organic Social|statics.teams.cdn.office.net"},
		{"Reddit", "", "https://out.reddit.com/t3", "", false, "Reddit|social|Organic Social|out.reddit.com/t3"},
		{"Bluesky", "", "https://go.bsky.app/", "", false, "Bluesky|social|Organic Social|go.bsky.app"},
		{"Mastodon", "", "https://hachyderm.io/@alice", "", false, "Mastodon|social|Organic Social|hachyderm.io/@alice"},
		{"Hacker News", "", "https://news.ycombinator.com/item?id=1", "", false, "Hacker News|social|Organic Social|news.ycombinator.com/item"},
		{"Pinterest in its countries", "", "https://www.pinterest.fr/", "", false, "Pinterest|social|Organic Social|pinterest.fr"},
		{"YouTube", "", "https://m.youtube.com/", "", false, "YouTube|video|Organic Video|m.youtube.com"},
		{"Amazon", "", "https://www.amazon.de/", "", false, "Amazon|referral|Organic Shopping|amazon.de"},
		{"someone's blog on a shared host", "", "https://alice.wordpress.com/2026/", "", false, "alice.wordpress.com|referral|Referral|alice.wordpress.com/2026"},

		{"Reddit's app", "", "android-app://com.reddit.frontpage/", "", false, "Reddit|social|Organic Social|android-app://com.reddit.frontpage"},
		{"Gmail's app", "", "android-app://com.google.android.gm/", "", false, "Gmail|email|Email|android-app://com.google.android.gm"},
		{"Telegram's app", "", "android-app://org.telegram.messenger", "", false, "Telegram|social|Organic Social|android-app://org.telegram.messenger"},
		{"Snapchat's app", "", "android-app://com.snapchat.android", "", false, "Snapchat|social|Organic Social|android-app://com.snapchat.android"},
		{"the Google app", "", "android-app://com.google.android.googlequicksearchbox/", "", false, "Google|organic|Organic Search|android-app://com.google.android.googlequicksearchbox"},
		{"an app in another case", "", "android-app://COM.Slack/", "", false, "Slack|social|Organic Social|android-app://com.slack"},
		{"an app that the table writes with capitals", "", "android-app://com.amazon.mshop.android.shopping/", "", false, "Amazon|referral|Organic Shopping|android-app://com.amazon.mshop.android.shopping"},
		{"an app nobody knows, in another case", "", "Android-App://Com.Example.App", "", false, "com.example.app|referral|Referral|android-app://com.example.app"},
		{"an app nobody knows", "", "android-app://com.example.app", "", false, "com.example.app|referral|Referral|android-app://com.example.app"},
		{"in-app browser without a referrer", "", "", "Instagram", false, "Instagram|social|Organic Social|"},
		{"the referrer before the in-app browser", "", "https://www.google.com/", "Instagram", false, "Google|organic|Organic Search|google.com"},

		{"utm_source that is a name", "utm_source=TWITTER", "https://www.google.com/", "", false, "X|social|Organic Social|google.com"},
		{"utm_source that is a domain", "utm_source=chatgpt.com", "", "", false, "ChatGPT|ai-assistant|AI Assistants|"},
		{"utm_source that is nobody", "utm_source=Spring+Promo", "", "", false, "Spring Promo|referral|Referral|"},
		{"ref", "ref=producthunt", "", "", false, "Product Hunt|social|Organic Social|"},
		{"source with a URL", "source=https%3A%2F%2Fnews.ycombinator.com%2F", "", "", false, "Hacker News|social|Organic Social|"},
		{"newsletter", "utm_source=newsletter&utm_medium=email", "", "", false, "newsletter|email|Email|"},
		{"newsletter by name alone", "utm_source=weekly-newsletter", "", "", false, "weekly-newsletter|referral|Email|"},
		{"e-mail before search", "utm_source=google&utm_medium=Email", "", "", false, "Google|email|Email|"},
		{"Mailchimp's parameter", "mc_cid=1&mc_eid=2", "", "", false, "Mailchimp|email|Email|"},
		{"social medium", "utm_source=someone&utm_medium=social", "", "", false, "someone|social|Organic Social|"},
		{"affiliate", "utm_source=partner&utm_medium=affiliate", "", "", false, "partner|affiliate|Affiliates|"},
		{"sms", "utm_source=sms", "", "", false, "sms|referral|SMS|"},
		{"push", "utm_source=app&utm_medium=web-push", "", "", false, "app|web-push|Mobile Push Notifications|"},
		{"audio", "utm_source=pod&utm_medium=audio", "", "", false, "pod|audio|Audio|"},

		{"paid search by medium", "utm_source=google&utm_medium=cpc", "", "", false, "Google|cpc|Paid Search|"},
		{"paid search by click ID", "gclid=abc", "https://www.google.com/", "", false, "Google|cpc|Paid Search|google.com"},
		{"paid search by click ID alone", "gclid=abc", "", "", false, "Google|cpc|Paid Search|"},
		{"someone else's click ID", "gclid=abc", "https://mastodon.social/", "", false, "Mastodon|social|Organic Social|mastodon.social"},
		{"paid search by name", "utm_source=adwords", "", "", false, "Google|cpc|Paid Search|"},
		{"Bing's click ID", "msclkid=1", "", "", false, "Bing|cpc|Paid Search|"},
		{"fbclid is not paid", "fbclid=1", "", "", false, "Facebook|social|Organic Social|"},
		{"paid social", "utm_source=facebook&utm_medium=paid_social", "", "", false, "Facebook|paid_social|Paid Social|"},
		{"paid social by name", "utm_source=fb_ads", "", "", false, "Facebook|cpc|Paid Social|"},
		{"paid video", "utm_source=youtube&utm_medium=cpv", "", "", false, "YouTube|cpv|Paid Video|"},
		{"paid video by name", "utm_source=yt-ads", "", "", false, "YouTube|cpc|Paid Video|"},
		{"paid shopping", "utm_source=google&utm_medium=cpc&utm_campaign=eshop", "", "", false, "Google|cpc|Paid Shopping|"},
		{"organic shopping", "utm_source=x1&utm_campaign=winter+shopping", "", "", false, "x1|referral|Organic Shopping|"},
		{"a bishop is no shop", "utm_source=x1&utm_campaign=bishop", "", "", false, "x1|referral|Referral|"},
		{"a medium before a click ID", "utm_medium=display&gclid=1", "https://www.google.com/", "", false, "Google|display|Display|google.com"},
		{"impressions bought", "utm_source=google&utm_medium=cpm&gclid=1", "", "", false, "Google|cpm|Display|"},
		{"impressions bought on a network", "utm_source=facebook&utm_medium=cpm", "", "", false, "Facebook|cpm|Paid Social|"},
		{"a letter with a click ID", "utm_medium=email&gclid=1", "", "", false, "Google|email|Email|"},
		{"a medium that says nothing", "utm_medium=search&gclid=1", "", "", false, "Google|search|Paid Search|"},
		{"paid social on TikTok", "utm_source=tiktok&utm_medium=paid", "", "", false, "TikTok|paid|Paid Social|"},
		{"ads by any name of the source", "utm_source=fbad", "", "", false, "Facebook|cpc|Paid Social|"},
		{"ads by another", "utm_source=Hacker+News-Ads", "", "", false, "Hacker News|cpc|Paid Social|"},
		{"display", "utm_source=x1&utm_medium=banner", "", "", false, "x1|banner|Display|"},
		{"paid other", "utm_source=x1&utm_medium=ppc", "", "", false, "x1|ppc|Paid Other|"},
		{"cross-network", "utm_source=google&utm_medium=cpc&utm_campaign=Cross-network", "", "", false, "Google|cpc|Cross-network|"},

		{"share without more", "", "", "", true, "|share|Shares|"},
		{"share by a network", "", "https://mastodon.social/", "", true, "Mastodon|share|Shares|mastodon.social"},
		{"a share's tags are the sharer's", "utm_source=newsletter&utm_medium=email", "https://www.reddit.com/", "", true, "Reddit|share|Shares|reddit.com"},
		{"a share's tags when there is nothing else", "utm_source=newsletter&utm_medium=email", "", "", true, "newsletter|share|Shares|"},
		{"a share in an app", "gclid=1", "", "Facebook", true, "Facebook|share|Shares|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.Parse(page + "?" + c.query)
			if err != nil {
				t.Fatal(err)
			}
			o := e.Source(u, c.referrer, c.inApp, c.share)
			if got := strings.Join([]string{o.Source, o.Medium, o.Channel, o.Referrer}, "|"); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			if !slices.Contains(channels(), o.Channel) {
				t.Errorf("Channels lacks %q", o.Channel)
			}
		})
	}
}

func TestSourceNamed(t *testing.T) {
	e := newEnricher(t, Options{})
	for name, want := range map[string]string{
		"Twitter": "X", "x": "X", " T.CO ": "X", "https://twitter.com/someone": "X", "twitter-ads": "X", "com.twitter.android": "X",
		"hackernews": "Hacker News", "news.ycombinator.com": "Hacker News", "GOOGLE": "Google", "openai": "ChatGPT",
		"android-app://com.Slack": "Slack", "com.amazon.mshop.android.shopping": "Amazon",
		"": "", "nobody": "", "nobody.example": "", "microsoft.com": "", "ter": "",
	} {
		if got, ok := e.SourceNamed(name); got != want || ok != (want != "") {
			t.Errorf("SourceNamed(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
}

// A link in a feed or a letter is often escaped once too often, and "ref" and
// "source" are utm_source by other names.
func TestTagsByOtherNames(t *testing.T) {
	e := newEnricher(t, Options{})
	for query, want := range map[string]string{
		"ref=producthunt":                              "Product Hunt|producthunt||",
		"source=Weekly":                                "Weekly|Weekly||",
		"ref=a&source=b&utm_source=c":                  "c|c||",
		"ref=newsletter-7":                             "newsletter-7|newsletter-7||",
		"utm_source=x1&amp;utm_medium=Email":           "x1|x1|Email|",
		"a=1&amp;amp;utm_source=x1&amp;utm_campaign=c": "x1|x1||c",
		"p=1&amp;ref=hn":                               "Hacker News|hn||",
		"amp;utm_source=x1":                            "x1|x1||",
		"p=1&amp;gclid=1":                              "Google|||",
		"damp;utm_source=x1":                           "|||",
	} {
		p, err := e.Page(Hit{URL: "https://a.example/?" + query, UserAgent: chrome})
		if got := strings.Join([]string{p.Source, p.UTMSource, p.UTMMedium, p.UTMCampaign}, "|"); got != want || err != nil {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

func TestUTMFieldsAreKeptAsGiven(t *testing.T) {
	e := newEnricher(t, Options{})
	u, _ := url.Parse("https://a.example/?utm_source=News+Letter&UTM_MEDIUM=Email&utm_campaign=%C3%A9t%C3%A9&utm_content=100%&utm_term=a&utm_term=b")
	o := e.Source(u, "", "", false)
	got := []string{o.UTMSource, o.UTMMedium, o.UTMCampaign, o.UTMContent, o.UTMTerm}
	if want := []string{"News Letter", "Email", "été", "100%", "a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A host is a source by its labels, never by a part of its text.
func TestDomainsAreNeverMatchedAsSubstrings(t *testing.T) {
	e := newEnricher(t, Options{})
	for domain, c := range e.table.domains {
		if c.all == nil || site(domain) != domain {
			continue
		}
		for _, host := range []string{"microsof" + domain, domain + ".evil.example", strings.ReplaceAll(domain, ".", "-") + ".example"} {
			if got := e.table.byHost(host, "").entry; got != nil {
				t.Errorf("%s is taken for %s", host, got.Title)
			}
		}
		sub := "sub." + domain
		if c.all.kind == kindSearch {
			sub = "search." + domain
		}
		if got := e.table.byHost(sub, "").entry; got != c.all {
			t.Errorf("%s is not %s", sub, c.all.Title)
		}
	}
	for brand := range e.table.brands {
		for _, host := range []string{"my" + brand + ".fr", brand + ".example", brand + ".fr.evil.example", brand + "x.co.uk"} {
			if got := e.table.byHost(host, "").entry; got != nil && !strings.Contains(brand, ".") {
				t.Errorf("%s is taken for %s", host, got.Title)
			}
		}
	}
}

func TestTableIsSound(t *testing.T) {
	e := newEnricher(t, Options{})
	count := map[kind]int{}
	for _, s := range e.table.entries {
		count[s.kind]++
		for _, d := range s.Domains {
			d = strings.TrimPrefix(d, "=")
			if d != strings.ToLower(d) || strings.HasPrefix(d, "www.") || strings.Contains(d, "://") {
				t.Errorf("%s: domain %q is not in its stored form", s.Title, d)
			}
			host, _, _ := strings.Cut(d, "/")
			if suffix, _ := publicsuffix.PublicSuffix(host); suffix == host && e.table.byHost(host, "").entry != s {
				t.Errorf("%s: %q is a public suffix", s.Title, d)
			}
		}
		for _, a := range slices.Concat(s.Aliases, s.Paid) {
			if a != strings.ToLower(a) {
				t.Errorf("%s: alias %q is not in lower case", s.Title, a)
			}
		}
	}
	for k, least := range map[kind]int{kindAI: 25, kindSocial: 60, kindEmail: 25, kindSearch: 60} {
		if count[k] < least {
			t.Errorf("kind %d has %d sources, want %d", k, count[k], least)
		}
	}
	keys := map[string]bool{}
	for _, n := range e.Networks() {
		if keys[n.Key] || n.Title == "" {
			t.Errorf("network %+v has no title or is there twice", n)
		}
		keys[n.Key] = true
		if got, ok := e.NormalizeNetwork(n.Key); got != n.Key || !ok {
			t.Errorf("NormalizeNetwork(%q) = %q", n.Key, got)
		}
		if got, ok := e.NormalizeNetwork(n.Title); got != n.Key || !ok {
			t.Errorf("NormalizeNetwork(%q) = %q", n.Title, got)
		}
	}
	if len(e.table.domains) < 500 {
		t.Errorf("only %d domains", len(e.table.domains))
	}
}

func TestNewTableRefusesMistakes(t *testing.T) {
	for name, data := range map[string]string{
		"unknown field":         "social: [{key: a, title: A, domain: [a.com]}]",
		"unknown kind":          "antisocial: [{key: a, title: A}]",
		"network without a key": "social: [{title: A}]",
		"engine with a key":     "search: [{key: a, title: A}]",
		"domain twice":          "social: [{key: a, title: A, domains: [a.com]}, {key: b, title: B, domains: [a.com]}]",
		"no title":              "search: [{domains: [a.com]}]",
	} {
		if _, err := newTable([]byte(data)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestNormalizeShareForm(t *testing.T) {
	e := newEnricher(t, Options{})
	for address, want := range map[string]string{
		"https://twitter.com/intent/tweet":                                 "x",
		"https://x.com/intent/post":                                        "x",
		"https://www.facebook.com/sharer/sharer.php":                       "facebook",
		"https://www.linkedin.com/sharing/share-offsite/":                  "linkedin",
		"https://www.reddit.com/submit":                                    "reddit",
		"https://news.ycombinator.com/submitlink":                          "hackernews",
		"https://wa.me/":                                                   "whatsapp",
		"https://api.whatsapp.com/send":                                    "whatsapp",
		"whatsapp://send":                                                  "whatsapp",
		"https://t.me/share/url":                                           "telegram",
		"https://telegram.me/share/url":                                    "telegram",
		"https://bsky.app/intent/compose":                                  "bluesky",
		"https://www.threads.net/intent/post":                              "threads",
		"https://threads.com/intent/post":                                  "threads",
		"https://share.joinmastodon.org/":                                  "mastodon",
		"https://tootpick.org/":                                            "mastodon",
		"https://social.example/share?text":                                "mastodon",
		"https://social.example/share/?text":                               "mastodon",
		"https://mastodon.social//share?text":                              "mastodon",
		"https://social.example/share":                                     "",
		"https://plus.google.com/share":                                    "",
		"https://classroom.google.com/u/0/share":                           "",
		"https://social.example/a/share?text":                              "",
		"https://mewe.com/share":                                           "mewe",
		"https://misskey.io/share?text":                                    "misskey",
		"https://gettr.com/share?text":                                     "gettr",
		"https://connect.mail.ru/share":                                    "mymail",
		"https://www.facebook.com/dialog/send":                             "messenger",
		"https://www.facebook.com/dialog/share":                            "facebook",
		"fb-messenger://share/":                                            "messenger",
		"web+mastodon://share":                                             "mastodon",
		"tg://msg":                                                         "telegram",
		"https://bufferapp.com/add":                                        "buffer",
		"https://mastodonshare.com/":                                       "mastodon",
		"http://compose.mail.yahoo.com/":                                   "email",
		"http://webmail.aol.com/25045/aol/en-us/mail/compose-message.aspx": "email",
		"https://connect.qq.com/widget/shareqq/index.html":                 "qq",
		"https://www.addtoany.com/add_to/microsoft_teams":                  "teams",
		"https://www.addtoany.com/add_to/facebook_messenger":               "messenger",
		"https://notfacebook.com/dialog/send":                              "",
		"sharing-facebook-42":                                              "facebook",
		"sharing-jetpack-whatsapp-42":                                      "whatsapp",
		"sharing-custom-1684":                                              "",
		"jetpack-whatsapp":                                                 "whatsapp",
		"hacker_news":                                                      "hackernews",
		"okru":                                                             "odnoklassniki",
		"mailru":                                                           "mymail",
		"google_gmail_share":                                               "email",
		"twitter_tweet":                                                    "x",
		"share-link":                                                       "",
		"print":                                                            "print",
		"https://pinterest.com/pin/create/button/":                         "pinterest",
		"https://www.pinterest.fr/pin/create/button/":                      "pinterest",
		"https://www.tumblr.com/widgets/share/tool":                        "tumblr",
		"https://vk.com/share.php":                                         "vk",
		"https://buffer.com/add":                                           "buffer",
		"https://share.flipboard.com/bookmarklet/popout":                   "flipboard",
		"https://social-plugins.line.me/lineit/share":                      "line",
		"https://www.xing.com/spi/shares/new":                              "xing",
		"https://b.hatena.ne.jp/add":                                       "hatena",
		"https://getpocket.com/save":                                       "pocket",
		"https://www.addtoany.com/add_to/hacker_news":                      "hackernews",
		"https://www.addtoany.com/add_to/twitter":                          "x",
		"https://www.addtoany.com/add_to/nothing_we_know_of":               "",
		"https://shop.example/add":                                         "",
		"https://line.me/r/msg/text/":                                      "line",
		"line://msg/text/":                                                 "line",
		"https://b.hatena.ne.jp/entry":                                     "hatena",
		"https://www.xing.com/app/user":                                    "xing",
		"https://mail.google.com/mail":                                     "email",
		"https://s2f.kytta.dev":                                            "mastodon",
		"viber://forward":                                                  "viber",
		"https://connect.ok.ru/offer":                                      "odnoklassniki",
		"facebook_messenger":                                               "messenger",
		"google_gmail":                                                     "email",
		"vkontakte":                                                        "vk",
		"hacker news":                                                      "hackernews",
		"sina_weibo":                                                       "weibo",
		"mailto":                                                           "email",
		"sms":                                                              "sms",
	} {
		got, ok := e.NormalizeNetwork(address)
		if got != want || ok != (want != "") {
			t.Errorf("NormalizeNetwork(%q) = %q, %v, want %q", address, got, ok, want)
		}
	}
}

func TestNormalizeNetwork(t *testing.T) {
	e := newEnricher(t, Options{})
	for name, want := range map[string]string{
		"Twitter": "x", "x": "x", "X": "x", " x.com ": "x", "tw": "x", "fb": "facebook", "mastodon.social": "mastodon",
		"e-mail": "email", "mailto": "email", "Gmail": "email", "clipboard": "copy", "navigator.share": "native", "WhatsApp": "whatsapp",
		"Hacker News": "hackernews", "hn": "hackernews", "microsoft.com": "", "google": "", "": "", "nonsense": "",
	} {
		got, ok := e.NormalizeNetwork(name)
		if got != want || ok != (want != "") {
			t.Errorf("NormalizeNetwork(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
	// What the snippet sends.
	for _, key := range strings.Fields("x facebook linkedin reddit hackernews whatsapp telegram bluesky threads mastodon pinterest tumblr vk buffer flipboard line xing hatena pocket email sms copy native") {
		if got, ok := e.NormalizeNetwork(key); got != key || !ok {
			t.Errorf("NormalizeNetwork(%q) = %q", key, got)
		}
	}
}

// What internal/metric calls dark social is made of networks that are known
// here.
func TestDarkNetworksAreKnown(t *testing.T) {
	var known []string
	for _, n := range newEnricher(t, Options{}).Networks() {
		known = append(known, n.Key)
	}
	for _, key := range metric.DarkNetworks() {
		if !slices.Contains(known, key) {
			t.Errorf("%s is no network", key)
		}
	}
}

// channels are all that Page can give.
func channels() []string {
	return []string{
		ChannelDirect, ChannelShares, ChannelOrganicSearch, ChannelOrganicSocial, ChannelReferral,
		ChannelEmail, ChannelAI, ChannelOrganicVideo, ChannelOrganicShopping, ChannelPaidSearch,
		ChannelPaidSocial, ChannelPaidVideo, ChannelPaidShopping, ChannelPaidOther, ChannelDisplay,
		ChannelCrossNetwork, ChannelAffiliates, ChannelAudio, ChannelSMS, ChannelPush,
	}
}
