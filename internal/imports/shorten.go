package imports

import "github.com/earshot-analytics/earshot/internal/text"

// What a file says is shown to people in part: a cell may have a book in it,
// and a hundred lines be wrong.
const (
	maxEcho  = 300  // characters of a cell, and of a file's name
	maxNames = 2000 // of the names of its columns
	maxFew   = 20   // of a list
)

// firstFew cuts a list to as many entries as somebody reads.
func firstFew(list []string) []string {
	if len(list) <= maxFew {
		return list
	}
	return append(list[:maxFew:maxFew], "…")
}

// shorten cuts what a preview repeats of its file. What an answer has to repeat
// is bounded where it is asked.
func (p *Preview) shorten() {
	cut := func(most int, texts ...*string) {
		for _, t := range texts {
			*t = text.Short(*t, most)
		}
	}
	for i := range p.Errors {
		e := &p.Errors[i]
		cut(maxEcho, &e.Column, &e.Against)
		if e.Key == BadHeader || e.Key == NoSeries || e.Key == DaysOfPosts {
			cut(maxNames, &e.Text)
			continue
		}
		cut(maxEcho, &e.Text)
	}
	for i := range p.Questions {
		q := &p.Questions[i]
		cut(maxEcho, &q.Column, &q.Text)
		for n := range q.Why {
			cut(maxEcho, &q.Why[n].A, &q.Why[n].B)
		}
		for n := range q.Choices {
			cut(maxEcho, &q.Choices[n].Reads)
		}
	}
	for i := range p.Times {
		cut(maxEcho, &p.Times[i].Text)
	}
	p.LeftOut = firstFew(p.LeftOut)
	for i := range p.LeftOut {
		cut(maxEcho, &p.LeftOut[i])
	}
}
