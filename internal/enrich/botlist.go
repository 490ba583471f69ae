package enrich

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:generate go run ./gen

//go:embed data/bots.tsv
var botsTSV string

//go:embed data/programs.tsv
var programsTSV string

// botList decides with programs.tsv and isbot's patterns, which are tested
// against real browsers, and names with programs.tsv and crawler-user-agents',
// which are not: those have in-app browsers of people among them (MetaIAB,
// Viber).
type botList struct {
	known      []Bot
	knownRe    []*lazyRegexp
	knownIndex *filter
	signs      []sign // programs.tsv's first
	programs   int    // how many those are
	signIndex  *filter
	previews   *tokens // of the sources table, value = key of the network
	titles     map[string]string
}

// sign is a pattern that only bots have. Go's regexp has no look-around, and
// isbot's list has it only at either end: what must not stand before and after.
type sign struct {
	core, notBefore, notAfter *lazyRegexp
	bot                       Bot  // with a name: that program, whatever else it says
	strong                    bool // tells a bot even from what only people's agents say
}

// strongSigns are those of isbot's patterns that no app and no device has in
// its own name. The others are words and shapes that may be one's: an app that
// is called Downloader, a phone that is called Discovery.
var strongSigns = []string{
	`(?<! cu)bots?(?:\b|_)`, `(?<!cam)scan`, `^ddg[_-]android`, `^duckduckgo`, `^navermailapp`, `^php`, `^python`, `^snapchat`, `^wget`, `^whatsapp`,
	`check\b`, `checker`, `chrome-lighthouse`, `crawl`, `cypress/`, `grab`, `headless`, `httrack`, `inspect`, `linkcheck`, `monitor\b`,
	`nutch`, `pagespeed`, `phantomjs`, `pingdom`, `playwright`, `preview`, `ptst[ /]\d`, `retriever`, `scrape`, `selenium`,
	`spider`, `synthetic`, `transcoder`, `validator`,
}

// feedSigns are those of isbot's patterns that readers of feeds have.
var feedSigns = []string{`(?:^|[^g])news(?!sapphire)`, `^downcast/`, `^read`, `^reed`, `^rss`, `feed`, `readable/`, `rss\b`}

// A sign without a word in it is the shape of a program's agent. Links and
// addresses say nothing of what a program does either.
var (
	escapes  = regexp.MustCompile(`\\.|\(\?:?|\[[^]]*\]`)
	noWords  = strings.NewReplacer("mozilla", "", "compatible", "", "http", "", "com", "", "url", "")
	wordLike = regexp.MustCompile(`[a-z0-9]{3}`)
)

func signKind(core string) string {
	switch {
	case !wordLike.MatchString(noWords.Replace(escapes.ReplaceAllString(core, " "))):
		return botProgram
	case slices.Contains(feedSigns, core):
		return botFeed
	}
	return botOther
}

func newBotList(t *table) (*botList, error) {
	b := &botList{previews: t.previews, titles: map[string]string{}}
	for _, e := range t.entries {
		b.titles[e.Key] = e.Title
	}
	var known, cores []string
	programs, err := readPrograms("programs.tsv", programsTSV)
	if err != nil {
		return nil, err
	}
	for _, p := range programs {
		b.signs = append(b.signs, sign{core: &lazyRegexp{expr: "(?i)" + p.pattern}, bot: p.Bot, strong: p.Name != "" || p.Kind == BotAI})
		cores = append(cores, p.pattern)
	}
	b.programs = len(b.signs)
	if programs, err = readPrograms("bots.tsv", botsTSV); err != nil {
		return nil, err
	}
	for _, p := range programs {
		if p.Kind != "-" {
			b.known = append(b.known, p.Bot)
			b.knownRe = append(b.knownRe, &lazyRegexp{expr: p.pattern})
			known = append(known, p.pattern)
			continue
		}
		pattern := p.pattern
		before, core, after := splitLookaround(pattern)
		s := sign{core: &lazyRegexp{expr: "(?i)" + core}, bot: Bot{Kind: signKind(pattern)}, strong: slices.Contains(strongSigns, pattern)}
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
	if b.knownIndex, err = newFilter(known, false); err != nil {
		return nil, fmt.Errorf("read bots.tsv: %w", err)
	}
	if b.signIndex, err = newFilter(cores, true); err != nil {
		return nil, fmt.Errorf("read programs.tsv and bots.tsv: %w", err)
	}
	return b, nil
}

// program is a line of one of the lists.
type program struct {
	Bot
	pattern string
}

func readPrograms(file, tsv string) (all []program, err error) {
	for line := range strings.Lines(tsv) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("read %s: %q has no three fields", file, line)
		}
		all = append(all, program{Bot{Kind: f[0], Name: f[1]}, f[2]})
	}
	return all, nil
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
		return Bot{Kind: botOther} // every browser sends one
	}
	if key := b.previews.find(ua); key != "" && !appLibraries.get().MatchString(ua) {
		return Bot{Kind: BotPreview, Name: b.titles[key], Network: key}
	}
	var told, named Bot // what the signs tell; which program it is by its name
	length := 0
	from := sender{ua: ua, lower: lower}
	b.signIndex.candidates(lower, func(i int) bool {
		s := &b.signs[i]
		if i >= b.programs && (named.Is() || rank(told) == rank(Bot{Kind: botOther})) {
			return false // nothing that is to come says more
		}
		if s.bot.Name == "" && rank(s.bot) <= rank(told) {
			return true
		}
		skip := from.inModel
		if !s.strong {
			skip = func(a, b int) bool { return from.inModel(a, b) || from.inAddOns(a, b) }
		}
		switch n := s.find(ua, skip); {
		case n == 0:
		case s.bot.Name == "":
			if s.strong || !from.person() {
				told = s.bot
			}
		case n > length:
			named, length = s.bot, n
		}
		return true
	})
	if named.Is() {
		return named
	}
	if !told.Is() && calledCompatible(lower) && !from.person() {
		told = Bot{Kind: botOther}
	}
	if !told.Is() {
		return told
	}
	// The longest match is the most particular one: Googlebot-Image rather
	// than Googlebot.
	found, length := told, 0
	b.knownIndex.candidates(lower, func(i int) bool {
		if at := b.knownRe[i].get().FindStringIndex(ua); at != nil && at[1]-at[0] > length {
			found, length = b.known[i], at[1]-at[0]
		}
		return true
	})
	if told.Kind == BotAI {
		found.Kind = BotAI
	}
	return found
}

// rank says how much a kind tells, where the name isn't known.
func rank(b Bot) int {
	switch b.Kind {
	case "":
		return 0
	case botProgram:
		return 1
	case botFeed:
		return 2
	case BotAI:
		return 4
	}
	return 3
}

// find is the length of the sign's first match outside of what skip says, or 0.
func (s *sign) find(ua string, skip func(from, to int) bool) int {
	if !s.core.get().MatchString(ua) {
		return 0
	}
	for _, at := range s.core.get().FindAllStringIndex(ua, -1) {
		if s.notBefore != nil && s.notBefore.get().MatchString(ua[:at[0]]) {
			continue
		}
		if s.notAfter != nil && s.notAfter.get().MatchString(ua[at[1]:]) {
			continue
		}
		if !skip(at[0], at[1]) {
			return at[1] - at[0]
		}
	}
	return 0
}
