package query

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// plan puts every part into the selection that it is computed from.
func (b *builder) plan() {
	var names []string
	for i, m := range b.metrics {
		if b.missing[i].EN == "" {
			names = append(names, m.Parts...)
		}
	}
	placed := map[string]bool{}
	for _, name := range append(names, b.besideParts()...) {
		if placed[name] {
			continue
		}
		placed[name] = true
		p, _ := metric.LookupPart(name)
		b.place(wholeVisits(p, b.eventful))
	}
	if slices.ContainsFunc(b.selections, func(s *selection) bool { return !b.rollable(s) }) {
		b.share()
	} else {
		for _, s := range b.selections {
			b.rollUp(s)
		}
	}
	for _, s := range b.selections {
		s.narrow()
		b.onlyEntries(s)
	}
	b.finishDaily()
	b.selections = slices.Concat(b.selections, b.apart, b.withClosed([]listGroup{{dims: b.dims, daily: b.daily}}))
}

// wholeVisits is a part as it is where nothing is said of single events.
func wholeVisits(p metric.Part, eventful bool) metric.Part {
	if p.Whole != "" && !eventful {
		// Entries alone, which are when the visit began.
		p.SQL, p.Scope, p.Distinct, p.Began = p.Whole, metric.Visit, false, false
	}
	return p
}

// share has the parts that the table sharing knows read it, and what remains of
// their selections read the rollup, if it can.
func (b *builder) share() {
	var all []*selection
	for _, s := range b.selections {
		rest, sharing := s.split()
		if rest != nil && sharing != nil && b.rollable(rest) {
			b.rollUp(rest)
		}
		for _, s := range []*selection{rest, sharing} {
			if s != nil {
				all = append(all, s)
			}
		}
	}
	b.selections = all
}

func (b *builder) place(p metric.Part) {
	switch p.Scope {
	case metric.Account:
		if b.account == nil {
			b.account = &selection{}
		}
		b.account.parts = append(b.account.parts, p)
	case metric.Apart:
		s := b.facts(p.Facts)
		for _, sql := range p.Joins {
			s.join(sql)
		}
		s.parts = append(s.parts, p)
	case metric.Overall, metric.OverallBase:
		b.scalars = b.join(b.scalars, b.events(p, b.whole()), p)
	default:
		// Without filters, what is not closed may be in the rollup.
		if adds(p) && (b.run != nil || len(b.q.Filter) > 0 && !p.Sharing) {
			b.addDaily(p)
			return
		}
		b.selections = b.join(b.selections, b.events(p, b.whole()), p)
	}
}

// join adds a part to the selection of the list that has the same rows and
// groups, or a new selection for it.
func (b *builder) join(list []*selection, s *selection, p metric.Part) []*selection {
	for _, have := range list {
		if have.same(s) {
			have.parts = append(have.parts, p)
			have.scopes = append(have.scopes, p.Scope)
			return list
		}
	}
	s.parts, s.scopes = []metric.Part{p}, []metric.Scope{p.Scope}
	return append(list, s)
}
