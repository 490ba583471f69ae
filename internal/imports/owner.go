package imports

import (
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/social"
)

// Whose a line is, it says itself, or the title of its part of the file does,
// or else what people say of all lines. Where two of them say different things
// the line is an error: nothing is stored as another's.

// maxAccount bounds an account's name, in bytes.
const maxAccount = 500

// whose is the account that the line is about.
func (l fileLine) whose(o options) (network, account string, bad *LineError) {
	cells := [2]string{l.cell("network"), l.cell("account")}
	if titled := networkInTitle(l.record.title); titled != "" {
		cells[0] = titled
	}
	if cells[1] == l.said["account"] {
		cells[1] = l.saidFor("account", cells[0])
	}
	a, known := l.accounts[cells]
	if !known {
		a = l.accountOf(cells[0], cells[1], o)
		l.accounts[[2]string{strings.Clone(cells[0]), strings.Clone(cells[1])}] = a // cells are parts of whole lines
	}
	if a.bad != "" {
		e := l.bad(a.column, a.bad)
		if a.against != "" {
			e.Text, e.Against = a.text, a.against
		}
		return "", "", e
	}
	return a.network, a.account, nil
}

func (l fileLine) accountOf(network, account string, o options) accountCell {
	a := accountNamed(network, account, o)
	if a.bad != "" {
		return a
	}
	if said := l.said["network"]; said != "" && l.titleNetworks() == nil {
		if key, ok := o.Network(said); ok && key != a.network {
			return accountCell{column: "network", bad: OtherNetwork, text: network, against: said}
		}
	}
	said := l.saidFor("account", network)
	if o.Answers.Account != "" && o.Answers.Account != AllAccounts {
		said = o.Answers.Account
	}
	if said == "" {
		return a
	}
	if b := accountNamed(network, said, o); b.bad == "" && !strings.EqualFold(strings.TrimPrefix(a.account, "@"), strings.TrimPrefix(b.account, "@")) {
		return accountCell{column: "account", bad: OtherAccount, text: account, against: said}
	}
	return a
}

func accountNamed(network, account string, o options) accountCell {
	network, ok := o.Network(network)
	if !ok {
		return accountCell{column: "network", bad: BadNetwork}
	}
	if c, ok := social.ByNetwork(network); ok {
		if a, ok := social.ParseHandle(c, account); ok {
			account = a.Handle // so that polled readings go on where history ends
		}
	}
	if account == "" || len(account) > maxAccount {
		return accountCell{column: "account", bad: BadAccount}
	}
	return accountCell{network: strings.Clone(network), account: strings.Clone(account)}
}

// networkInTitle is the network that a part's title begins or ends with:
// "Facebook link clicks", "Visites du profil Instagram".
func networkInTitle(title string) string {
	words := strings.Fields(plainTitle(title))
	if len(words) < 2 {
		return ""
	}
	for _, word := range []string{words[0], words[len(words)-1]} {
		if word == "facebook" || word == "instagram" {
			return word
		}
	}
	return ""
}

// titleNetworks are the networks that titles of the file's parts name, by the
// line after it; nil = none does.
func (t *table) titleNetworks() map[string]int {
	if t.title == "" {
		return nil
	}
	if !t.titlesRead {
		t.titlesRead = true
		last := ""
		for _, r := range t.records {
			if r.title == last {
				continue
			}
			last = r.title
			if network := networkInTitle(r.title); network != "" {
				if t.networks == nil {
					t.networks = map[string]int{}
				}
				if t.networks[network] == 0 {
					t.networks[network] = r.line
				}
			}
		}
	}
	return t.networks
}

// owners asks whose the posts of a network's own file are, where it has those of
// several accounts: a collaborator's are not one's own. Nothing is asked of
// files of our form, in which each line names its network too.
func (t *table) owners(o options) ([]Question, []LineError) {
	if t.ownForm() || o.Answers.Account != "" {
		return nil, nil
	}
	type seen struct {
		line, n int
		written string
	}
	if _, ok := t.place["account"]; ok {
		if t.said["account"] != "" {
			return nil, nil // each line is held against it
		}
		byName := map[string]*seen{}
		var names []*seen
		for _, r := range t.records {
			cell := t.cell(r, "account")
			if cell == "" || len(cell) > maxAccount {
				continue
			}
			name := strings.ToLower(cell)
			if byName[name] == nil {
				byName[name] = &seen{line: r.line, written: cell}
				names = append(names, byName[name])
			}
			byName[name].n++
		}
		if len(names) < 2 {
			return nil, nil
		}
		q := Question{Key: AskAccount, Open: true, Line: names[1].line, Column: t.titleOf("account"), Text: names[1].written}
		slices.SortStableFunc(names, func(a, b *seen) int { return b.n - a.n })
		for _, s := range names[:min(len(names), 20)] {
			q.Choices = append(q.Choices, Choice{Value: s.written, Says: []Saying{{Key: "posts", N: s.n}}})
		}
		q.Choices = append(q.Choices, Choice{Value: AllAccounts, Says: []Saying{{Key: "posts", N: len(t.records)}}})
		return []Question{q}, nil
	}
	// Facebook's file names Pages by number and by title, neither of which need be
	// the name that the account has here.
	id := slices.IndexFunc(t.plain, func(p string) bool {
		return slices.Contains([]string{"page id", "id de la page", "seiten id"}, p)
	})
	if id < 0 {
		return nil, nil
	}
	first, cell := 0, ""
	for _, r := range t.records {
		if id >= len(r.cells) || strings.TrimSpace(r.cells[id]) == "" {
			continue
		}
		if page := strings.TrimSpace(r.cells[id]); first == 0 {
			first, cell = r.line, page
		} else if page != cell {
			return nil, []LineError{{Line: r.line, Other: first, Column: t.columns[id], Key: OtherPage, Text: page, Against: cell}}
		}
	}
	return nil, nil
}
