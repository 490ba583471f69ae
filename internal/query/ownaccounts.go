package query

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/metric"
)

// ownAccounts keeps accounts that are somebody else's out of a selection of
// rows that have the columns network and account, unless the query asks whose
// an account is. Changing whose an account is changes its whole history, as
// nothing of it is stored with the readings.
func (b *builder) ownAccounts(s *selection) {
	asked := b.q.asksRole()
	if !asked && len(b.q.Site.Others) == 0 {
		return
	}
	b.bindOthers()
	if !asked {
		s.and("NOT " + metric.OthersAccount)
	}
}

// asksRole says that the query asks whose an account is.
func (q Query) asksRole() bool {
	asked := slices.Contains(q.Dimensions, metric.AccountRole)
	for _, f := range q.Filter {
		f.leaves(false, func(leaf Filter, _ bool) { asked = asked || leaf.Dimension == metric.AccountRole })
	}
	return asked
}

// bindOthers binds the list that metric.OthersAccount reads, once.
func (b *builder) bindOthers() {
	for _, a := range b.args {
		if a.Name == "others" {
			return
		}
	}
	b.args = append(b.args, othersOf(b.q.Site))
}
