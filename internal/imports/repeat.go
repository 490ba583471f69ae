package imports

import (
	"slices"
	"strings"
	"time"
)

// repeats are what a file has several values for: two lines of one account and
// day, of one post and time. The same twice is one, and lines that complete each
// other are; all others are errors that name both lines, unless they are to be
// added up.
func (k readingKind[R]) repeats(t *table, h *readRows[R], o options) (leftOut []string) {
	if len(h.Rows) == 0 || len(h.Rows) != len(h.Lines) {
		return nil
	}
	order := make([]int, len(h.Rows))
	for i := range order {
		order[i] = i
	}
	if byKey := func(a, b R) int { return k.key(a).compare(k.key(b)) }; !slices.IsSortedFunc(h.Rows, byKey) {
		slices.SortStableFunc(order, func(a, b int) int { return byKey(h.Rows[a], h.Rows[b]) })
	}
	var groups [][]int
	rows, lines := make([]R, 0, len(h.Rows)), make([]int, 0, len(h.Rows))
	var wrong []LineError
	named := map[[2]int]bool{}
	for start := 0; start < len(order); {
		end := start + 1
		for end < len(order) && k.key(h.Rows[order[end]]) == k.key(h.Rows[order[start]]) {
			end++
		}
		group := order[start:end]
		start = end
		row, other := k.joined(h, group)
		if other == 0 {
			rows, lines = append(rows, row), append(lines, h.Lines[group[0]])
			continue
		}
		groups = append(groups, group)
		if pair := [2]int{h.Lines[other], h.Lines[group[0]]}; !o.Answers.Sum && !named[pair] && len(wrong) < MaxErrors {
			named[pair] = true // lines of many figures once
			wrong = append(wrong, LineError{Line: pair[0], Other: pair[1], Key: Repeated, Text: k.what(h.Rows[other], o)})
		}
	}
	if len(groups) == 0 {
		h.Rows, h.Lines = rows, lines
		return nil
	}
	apart := t.apartBy(h.Lines, groups)
	adds := false
	var sums []R
	var from []int
	left := map[string]bool{} // leftOut
	for _, group := range groups {
		sum, ok := k.summed(t, h, group, apart)
		switch name := k.key(sum).of; {
		case ok:
			adds = true
			sums, from = append(sums, sum), append(from, h.Lines[group[0]])
		case k.apart && !left[name]:
			left[name] = true
			leftOut = append(leftOut, name)
		}
	}
	if adds && apart != "" {
		q := Question{Key: AskSum, Line: h.Lines[groups[0][0]], Column: apart, Text: strings.Join(firstFew(leftOut), ", ")}
		if o.Answers.Sum {
			q.Value = "yes"
		}
		h.Questions = append(h.Questions, q)
	}
	if o.Answers.Sum && adds && apart != "" {
		h.Rows, h.Lines = nil, nil
		for i, r := range rows { // of a figure that doesn't add up, days with one line are no history either
			if !k.apart || !left[k.key(r).of] {
				h.Rows, h.Lines = append(h.Rows, r), append(h.Lines, lines[i])
			}
		}
		h.Rows, h.Lines = append(h.Rows, sums...), append(h.Lines, from...)
		return leftOut
	}
	if len(wrong) == 0 { // it can't be added up
		for _, group := range groups[:min(len(groups), MaxErrors)] {
			wrong = append(wrong, LineError{Line: h.Lines[group[len(group)-1]], Other: h.Lines[group[0]], Key: Repeated, Text: k.what(h.Rows[group[0]], o)})
		}
	}
	for i := range wrong {
		wrong[i].Column = apart
	}
	h.Rows, h.Lines = rows, lines
	h.Errors = append(h.Errors, wrong...)
	slices.SortStableFunc(h.Errors, func(a, b LineError) int { return a.Line - b.Line })
	h.Errors = h.Errors[:min(len(h.Errors), MaxErrors)]
	return nil
}

// joined is what lines of one key have together, or which of them contradicts
// the first.
func (k readingKind[R]) joined(h *readRows[R], group []int) (row R, other int) {
	row = h.Rows[group[0]]
	for _, i := range group[1:] {
		next := h.Rows[i]
		a, b := k.completed(next, &row), k.completed(row, &next)
		if !k.fact.Same(&a, &b) {
			return row, i
		}
		row = a
	}
	return row, 0
}

// summed adds up the lines of one key, without those that are sums already.
func (k readingKind[R]) summed(t *table, h *readRows[R], group []int, apart string) (sum R, ok bool) {
	sum = h.Rows[group[0]]
	if k.sum == nil {
		return sum, false
	}
	first := true
	for _, i := range group {
		if apart != "" && slices.Contains(totalTitles, plainTitle(t.cellAt(h.Lines[i], apart))) {
			continue
		}
		if first {
			sum, first = h.Rows[i], false
			_, ok = k.sum(sum, sum)
			continue
		}
		sum, ok = k.sum(sum, h.Rows[i])
		if !ok {
			return sum, false
		}
	}
	return sum, ok && !first
}

// apartBy is the first column that is another in each of the lines of every
// group, figures and dates aside; "" = none is.
func (t *table) apartBy(lines []int, groups [][]int) string {
	for i, title := range t.columns {
		name := strings.ToLower(title)
		if title == "" || slices.Contains([]string{"date", "network", "account", "insight", "value"}, name) && !slices.Contains(t.apart, i) {
			continue
		}
		words, all := false, true
		for _, group := range groups {
			cells := map[string]bool{}
			for _, row := range group {
				r := t.recordAt(lines[row])
				cell := ""
				if i < len(r.cells) {
					cell = strings.TrimSpace(r.cells[i])
				}
				words = words || cell != "" && !numeric(cell) || len(cell) >= 15
				all = all && !cells[cell]
				cells[cell] = true
			}
			if !all {
				break
			}
		}
		if all && words {
			return title
		}
	}
	return ""
}

// recordAt is the record of a line; records are in order.
func (t *table) recordAt(line int) record {
	if i, ok := slices.BinarySearchFunc(t.records, line, func(r record, line int) int { return r.line - line }); ok {
		return t.records[i]
	}
	return record{}
}

func (t *table) cellAt(line int, title string) string {
	return t.cell(t.recordAt(line), strings.ToLower(title))
}

// what a reading is of, for people: its account, its day or time, its name.
func (k readingKind[R]) what(r R, o options) string {
	of := k.key(r)
	at := k.when(r, o.Site.Location()).In(o.Site.Location())
	form := "2006-01-02 15:04"
	if k.form.days || at.Equal(noon(at)) {
		form = time.DateOnly
	}
	parts := []string{of.network + " " + of.account, of.of, at.Format(form)}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
