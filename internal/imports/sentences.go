package imports

import (
	"slices"
	"strings"
)

// Printer is one of internal/text.
type Printer interface {
	T(key string, values ...any) string
}

// In is what is wrong, as a sentence.
func (e LineError) In(p Printer) string {
	key := e.Key
	switch {
	case key == Repeated && e.Column != "":
		key = "repeated_apart"
	case key == WrongKind && e.Other > 0:
		key = "kind_lines"
	}
	return p.T("history."+key, "line", e.Line, "other", e.Other, "text", e.Text, "against", e.Against, "column", e.Column)
}

// TextApart says that what stands there isn't part of the sentence.
func (e LineError) TextApart() bool {
	if slices.Contains([]string{Repeated, BadHeader, NoOwner, OtherNetwork, OtherAccount, OtherPage, MixedOrders, WrongKind, DaysOfPosts}, e.Key) {
		return false
	}
	return e.Column != "" || e.Text != ""
}

// In is the question, or what was decided, as a sentence.
func (q Question) In(p Printer) string {
	key := "import.ask." + q.Key
	if !q.Open && q.Value != "" {
		key = "import.asked." + q.Key
	}
	parts := []string{p.T(key, "line", q.Line, "column", q.Column, "text", q.Text, "value", q.Value)}
	return strings.Join(append(parts, sayings(q.Why, p)...), " ")
}

// In is what a choice means, with what the file says for it.
func (c Choice) In(q Question, p Printer) string {
	key := "import.choice." + q.Key
	if c.Value == AllAccounts {
		key += "_all"
	}
	parts := []string{p.T(key, "text", q.Text, "reads", c.Reads, "value", c.Value)}
	return strings.Join(append(parts, sayings(c.Says, p)...), " ")
}

func sayings(list []Saying, p Printer) (out []string) {
	for _, s := range list {
		out = append(out, p.T("import.says."+s.Key, "a", s.A, "b", s.B, "count", s.N, "of", s.M))
	}
	return out
}
