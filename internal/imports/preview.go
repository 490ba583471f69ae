package imports

import (
	"slices"
	"time"
)

// Preview says what an import would do.
type Preview struct {
	ID                 int64  // for Apply; 0 = there is nothing to store
	Kind               string // as meta.Import has it
	Name               string
	New, Changed, Same int // readings, by what stands there now
	Accounts           []PreviewAccount
	Errors             []LineError // lines that would be left out
	Questions          []Question  // open ones have to be answered before there is anything to store
	Times              []WrittenTime
	Days               bool     // Times are days
	LeftOut            []string // figures that don't add up, where lines are added up
	File               int64    // the file that is kept to be read again; 0 = none is
}

// Open says that a question has to be answered.
func (p *Preview) Open() bool {
	return slices.ContainsFunc(p.Questions, func(q Question) bool { return q.Open })
}

// PreviewAccount is what a file has of one account, of a file of insights what
// it has of one of them.
type PreviewAccount struct {
	Network, Account   string
	Insight            string // of a file of insights
	From, To           time.Time
	First, Last        float64 // followers, or the insight's value, then
	Sized              bool    // First and Last are known
	Items              int     // posts, mentions, …
	New, Changed, Same int
}
