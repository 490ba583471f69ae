package imports

import (
	"slices"
	"strconv"
	"time"
)

// calendar is how the dates of a file are read, which a single one may leave
// open.
type calendar struct {
	order string // of three numbers; "" = none has three, or they contradict each other
	zone  *time.Location
	years map[cellAt]int // of dates that have none
}

type cellAt struct {
	line   int
	column string
}

// calendarOf finds out how the dates in these columns are read. madeAt is what a
// line's own ID says of when it was made; nil = nothing does.
func (t *table) calendarOf(columns []string, o options, madeAt func(record) (time.Time, bool)) (c calendar, asked []Question, wrong []LineError) {
	c.zone = o.Site.Location()
	c.order, asked, wrong = t.dateOrder(columns, o, madeAt)
	if len(asked) > 0 || len(wrong) > 0 {
		return c, asked, wrong
	}
	if q := c.findYears(t, columns, o, madeAt); q != nil {
		asked = append(asked, *q)
	}
	return c, asked, nil
}

// orderSeen is what a file shows of one order of the numbers of its dates.
type orderSeen struct {
	order       string
	against     int // the line with a date that it would make impossible; 0 = none
	text        string
	future      bool
	agree       int // with when the lines' posts were made
	first, last time.Time
}

// dateOrder finds out from all dates of three numbers which of them is the day:
// by the days that there are, by what is still to come, by the times in the IDs
// of posts, by how the network writes dates or by the points between the
// numbers, which stand in dates that have the day first (Unicode's CLDR has no
// language that writes points and the month first). Where all that says nothing,
// it is asked.
func (t *table) dateOrder(columns []string, o options, madeAt func(record) (time.Time, bool)) (order string, asked []Question, wrong []LineError) {
	seen := []*orderSeen{{order: DayFirst}, {order: MonthFirst}, {order: YearFirst}}
	points, open := true, false
	var line int
	var column, text string
	for _, r := range t.records {
		for _, name := range columns {
			cell := t.cell(r, name)
			if cell == "" || yearFirst(cell) {
				continue
			}
			w, ok := parseWritten(cell)
			if !ok || !w.open {
				continue
			}
			var fits [3]bool
			for i, s := range seen {
				_, _, _, fits[i] = w.in(s.order)
			}
			if fits == [3]bool{} {
				continue // no date at all
			}
			if !open {
				open, line, column, text = true, r.line, name, cell
			}
			points = points && w.points
			for i, s := range seen {
				if !fits[i] {
					if s.against == 0 {
						s.against, s.text = r.line, cell
					}
					continue
				}
				at := w.at(s.order, 0, time.UTC)
				s.future = s.future || at.After(o.latest())
				if s.first.IsZero() || at.Before(s.first) {
					s.first = at
				}
				if at.After(s.last) {
					s.last = at
				}
				if made, known := t.made(madeAt, r); known && at.Sub(made).Abs() < 48*time.Hour {
					s.agree++
				}
			}
		}
	}
	if !open {
		return "", nil, nil
	}
	if o.Answers.Dates != "" {
		for _, s := range seen {
			if s.order == o.Answers.Dates && s.against > 0 {
				return "", nil, []LineError{{Line: s.against, Column: column, Key: OtherOrder, Text: s.text}}
			}
		}
		return o.Answers.Dates, nil, nil
	}
	left := slices.DeleteFunc(slices.Clone(seen), func(s *orderSeen) bool { return s.against > 0 })
	if len(left) == 0 {
		return "", nil, []LineError{{Line: seen[0].against, Other: seen[1].against, Column: column, Key: MixedOrders, Text: seen[0].text, Against: seen[1].text}}
	}
	narrow := func(keep func(*orderSeen) bool) {
		if some := slices.DeleteFunc(slices.Clone(left), func(s *orderSeen) bool { return !keep(s) }); len(some) > 0 {
			left = some
		}
	}
	narrow(func(s *orderSeen) bool { return !s.future })
	narrow(func(s *orderSeen) bool { return s.agree > 0 })
	if len(left) > 1 && t.order != "" {
		narrow(func(s *orderSeen) bool { return s.order == t.order })
	}
	if len(left) > 1 && points {
		narrow(func(s *orderSeen) bool { return s.order == DayFirst })
	}
	if len(left) == 1 {
		return left[0].order, nil, nil
	}
	q := Question{Key: AskDates, Open: true, Line: line, Column: t.titleOf(column), Text: text}
	w, _ := parseWritten(text)
	for _, s := range left {
		q.Choices = append(q.Choices, Choice{Value: s.order, Reads: w.at(s.order, 0, time.UTC).Format(time.DateOnly),
			Says: []Saying{{Key: "span", A: s.first.Format(time.DateOnly), B: s.last.Format(time.DateOnly)}}})
	}
	return "", []Question{q}, nil
}

func (t *table) made(madeAt func(record) (time.Time, bool), r record) (time.Time, bool) {
	if madeAt == nil {
		return time.Time{}, false
	}
	return madeAt(r)
}

// findYears gives dates without a year the year in which the post was made, or
// else that of a history that ends as late as it can. The question is which
// year that is; nil = every date has its year.
func (c *calendar) findYears(t *table, columns []string, o options, madeAt func(record) (time.Time, bool)) *Question {
	var q *Question
	for _, column := range columns {
		var list []yearless
		for _, r := range t.records {
			cell := t.cell(r, column)
			if hasYear(cell) {
				continue
			}
			w, ok := parseWritten(cell)
			if y, m, d, is := w.in(c.order); ok && is && y == 0 {
				list = append(list, yearless{r, m, d})
			}
		}
		if len(list) == 0 {
			continue
		}
		if c.years == nil {
			c.years = map[cellAt]int{}
		}
		made, asks := false, false
		for _, y := range list {
			if at, known := t.made(madeAt, y.record); known && column == "published" {
				c.years[cellAt{y.line, column}] = nearestYear(y, at)
				made = true
			} else {
				asks = true
			}
		}
		if !asks {
			continue
		}
		latest := o.latest()
		if o.Answers.Year > 0 {
			latest = time.Date(o.Answers.Year, 12, 31, 23, 0, 0, 0, time.UTC)
		}
		years := yearsUpTo(list, latest)
		top := 0
		for i, y := range list {
			at := cellAt{y.line, column}
			if _, known := c.years[at]; !known || !made {
				c.years[at] = years[i]
			}
			top = max(top, c.years[at])
		}
		if q == nil {
			q = &Question{Key: AskYear, Value: strconv.Itoa(top), Line: list[0].line, Column: t.titleOf(column), Text: t.cell(list[0].record, column)}
			for y := o.Now.Year(); y > o.Now.Year()-5; y-- {
				q.Choices = append(q.Choices, Choice{Value: strconv.Itoa(y)})
			}
		}
	}
	return q
}

// hasYear says that four digits follow one another.
func hasYear(s string) bool {
	run := 0
	for i := range len(s) {
		if run++; !isDigit(s[i]) {
			run = 0
		}
		if run == 4 {
			return true
		}
	}
	return false
}

// yearless is a date that has no year.
type yearless struct {
	record
	month, day int
}

func (y yearless) in(year int) time.Time {
	return time.Date(year, time.Month(y.month), y.day, 0, 0, 0, 0, time.UTC)
}

// exists says that there is such a day in that year: 29 February isn't in each.
func (y yearless) exists(year int) bool { return y.day <= daysIn(year, y.month) }

// nearestYear is the year that puts the date closest to a time.
func nearestYear(y yearless, at time.Time) int {
	best := at.Year()
	for _, year := range []int{at.Year() - 1, at.Year() + 1} {
		if y.in(year).Sub(at).Abs() < y.in(best).Sub(at).Abs() {
			best = year
		}
	}
	return best
}

// yearsUpTo gives each date its year. Dates that follow one another, forwards or
// backwards, are one history, whose last day is the latest that isn't after
// latest; of others, each is.
func yearsUpTo(list []yearless, latest time.Time) []int {
	years := make([]int, len(list))
	ups, downs := 0, 0
	for i := 1; i < len(list); i++ {
		switch step := list[i].in(2000).Sub(list[i-1].in(2000)); {
		case step > 0 && step < halfYear || step < -halfYear:
			ups++
		case step != 0:
			downs++
		}
	}
	if ups > 0 && downs > 0 {
		for i, y := range list {
			years[i] = lastYear(y, latest)
		}
		return years
	}
	order := make([]int, len(list)) // from the latest back
	for i := range list {
		order[i] = i
		if ups > 0 {
			order[i] = len(list) - 1 - i
		}
	}
	for top, tries := lastYear(list[order[0]], latest), 0; tries < 8; top, tries = top-1, tries+1 {
		year, good := top, true
		for n, i := range order {
			if n > 0 && list[i].in(2000).After(list[order[n-1]].in(2000)) {
				year--
			}
			years[i] = year
			good = good && list[i].exists(year)
		}
		if good {
			break
		}
	}
	return years
}

const halfYear = 182 * 24 * time.Hour

func lastYear(y yearless, latest time.Time) int {
	year := latest.Year()
	for y.in(year).After(latest) || !y.exists(year) {
		year--
	}
	return year
}
