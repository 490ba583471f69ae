package enrich

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

//go:generate go run ./gen

//go:embed data/bots.tsv
var botsTSV string

// Kinds of Bot that the dashboards name apart from the rest.
const (
	BotAI      = "ai"      // gathers or fetches for an AI model or assistant
	BotPreview = "preview" // fetches a page for the card under a shared link
)

// Bot says which program, not a reader, sent a request. The zero Bot is a
// reader. Names come from lists, never from the request: there are only so many.
type Bot struct {
	// Kind is BotAI, BotPreview, search, feed, monitor, seo, ads, archive,
	// scanner, academic, library, automation or other; "" is a reader.
	Kind string
	// Name is the program's name, "" where only its behaviour is known.
	Name string
	// Network is the network key that a preview was fetched for, "" otherwise.
	Network string
}

// Is reports whether this is a bot.
func (b Bot) Is() bool { return b.Kind != "" }

// LeftOut is the reason under which the hit is counted as left out, one of
// event's Left constants, or "" for a reader.
func (b Bot) LeftOut() string {
	switch b.Kind {
	case "":
		return ""
	case BotAI:
		return event.LeftAI
	case BotPreview:
		return event.LeftPreview
	}
	return event.LeftBot
}

// Agent is what the hit is counted under: the key of the network that fetched
// a preview, or the bot's name.
func (b Bot) Agent() string {
	if b.Network != "" {
		return b.Network
	}
	return b.Name
}

// botList decides with isbot's patterns, which are tested against real
// browsers, and names with crawler-user-agents', which are not: those have
// in-app browsers of people among them (MetaIAB, Viber).
type botList struct {
	known      []Bot
	knownRe    []*lazyRegexp
	knownIndex *filter
	signs      []sign
	signIndex  *filter
	previews   *tokens // of the sources table, value = key of the network
	titles     map[string]string
}

// sign is one of isbot's patterns. Go's regexp has no look-around, and the
// list has it only at either end: what must not stand before and after.
type sign struct {
	core, notBefore, notAfter *lazyRegexp
}

func newBotList(t *table) (*botList, error) {
	b := &botList{previews: t.previews, titles: map[string]string{}}
	for _, e := range t.entries {
		b.titles[e.Key] = e.Title
	}
	var known, cores []string
	for line := range strings.Lines(botsTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("read bots.tsv: %q has no three fields", line)
		}
		if f[0] != "-" {
			b.known = append(b.known, Bot{Kind: f[0], Name: f[1]})
			b.knownRe = append(b.knownRe, &lazyRegexp{expr: f[2]})
			known = append(known, f[2])
			continue
		}
		before, core, after := splitLookaround(f[2])
		s := sign{core: &lazyRegexp{expr: "(?i)" + core}}
		if before != "" {
			s.notBefore = &lazyRegexp{expr: "(?i)(?:" + before + ")$"}
		}
		if after != "" {
			s.notAfter = &lazyRegexp{expr: "(?i)^(?:" + after + ")"}
		}
		for _, re := range []*lazyRegexp{s.notBefore, s.notAfter} {
			if re == nil {
				continue
			}
			if _, err := regexp.Compile(re.expr); err != nil {
				return nil, fmt.Errorf("read bots.tsv: %w", err)
			}
		}
		b.signs = append(b.signs, s)
		cores = append(cores, core)
	}
	var err error
	if b.knownIndex, err = newFilter(known, false); err != nil {
		return nil, fmt.Errorf("read bots.tsv: %w", err)
	}
	if b.signIndex, err = newFilter(cores, true); err != nil {
		return nil, fmt.Errorf("read bots.tsv: %w", err)
	}
	return b, nil
}

// splitLookaround takes (?<!before)core(?!after) apart. Either may be missing.
func splitLookaround(p string) (before, core, after string) {
	if rest, ok := strings.CutPrefix(p, "(?<!"); ok {
		if end := closing(rest); end >= 0 {
			before, p = rest[:end], rest[end+1:]
		}
	}
	if i := strings.LastIndex(p, "(?!"); i >= 0 {
		if end := closing(p[i+3:]); end >= 0 && i+3+end+1 == len(p) {
			after, p = p[i+3:i+3+end], p[:i]
		}
	}
	return before, p, after
}

// closing is the index of the parenthesis that closes a group opened just
// before s, or -1.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// find tells what bot a User-Agent is; lower is lowerForFilter(ua).
func (b *botList) find(ua, lower string) Bot {
	if strings.TrimSpace(ua) == "" {
		return Bot{Kind: "other"} // every browser sends one
	}
	if key := b.previews.find(ua); key != "" {
		return Bot{Kind: BotPreview, Name: b.titles[key], Network: key}
	}
	bot := false
	b.signIndex.candidates(lower, func(i int) bool {
		bot = b.signs[i].match(ua)
		return !bot
	})
	if !bot {
		return Bot{}
	}
	// The longest match is the most particular one: Googlebot-Image rather
	// than Googlebot.
	found, length := Bot{Kind: "other"}, 0
	b.knownIndex.candidates(lower, func(i int) bool {
		if at := b.knownRe[i].get().FindStringIndex(ua); at != nil && at[1]-at[0] > length {
			found, length = b.known[i], at[1]-at[0]
		}
		return true
	})
	return found
}

func (s *sign) match(ua string) bool {
	re := s.core.get()
	if s.notBefore == nil && s.notAfter == nil {
		return re.MatchString(ua)
	}
	for _, at := range re.FindAllStringIndex(ua, -1) {
		if s.notBefore != nil && s.notBefore.get().MatchString(ua[:at[0]]) {
			continue
		}
		if s.notAfter != nil && s.notAfter.get().MatchString(ua[at[1]:]) {
			continue
		}
		return true
	}
	return false
}
