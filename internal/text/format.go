package text

import (
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// Int formats a whole number with the language's group separator.
func (p *Printer) Int(n int64) string { return p.num().Sprint(number.Decimal(n)) }

// Float formats a number with at most digits decimals.
func (p *Printer) Float(f float64, digits int) string {
	return p.num().Sprint(number.Decimal(f, number.MaxFractionDigits(digits)))
}

// Percent formats a share that is given in percent: 12.3 is "12.3%" in
// English and "12,3 %" in French. What would be 0.0 has a digit that tells.
func (p *Printer) Percent(f float64) string {
	digits := 1
	for small := math.Abs(f); small > 0 && small < 0.1 && digits < 4; small *= 10 {
		digits++
	}
	s := p.Float(f, digits)
	if p.Locale == French {
		return s + string(narrow) + "%"
	}
	return s + "%"
}

// Names of months; x/text has no dates.
var (
	monthsEN = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	monthsFR = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
)

// Date is a day as one writes it in a sentence: "23 November 2026",
// "23 novembre 2026", "1er mai 2026". t is taken in its own location.
func (p *Printer) Date(t time.Time) string { return p.Locale.Date(t) }

// Date is a day as Printer.Date writes it.
func (l Locale) Date(t time.Time) string {
	if l == French {
		day := fmt.Sprint(t.Day())
		if t.Day() == 1 {
			day = "1er"
		}
		return fmt.Sprintf("%s %s %d", day, monthsFR[t.Month()-1], t.Year())
	}
	return fmt.Sprintf("%d %s %d", t.Day(), monthsEN[t.Month()-1], t.Year())
}

// Time is a day and a time: "23 November 2026, 14:05", "23 novembre 2026 à 14:05".
func (p *Printer) Time(t time.Time) string {
	sep := ", "
	if p.Locale == French {
		sep = " à "
	}
	return p.Date(t) + sep + t.Format("15:04")
}

// Ago says how long before now t was, coarsely: "just now", "5 minutes ago",
// "3 hours ago", "2 days ago"; a date from 30 days on, and "never" for the
// zero time.
func (p *Printer) Ago(t, now time.Time) string {
	if t.IsZero() {
		return p.T("ago.never")
	}
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return p.T("ago.now")
	case d < time.Hour:
		return p.T("ago.minutes", "count", int(d/time.Minute))
	case d < 24*time.Hour:
		return p.T("ago.hours", "count", int(d/time.Hour))
	case d < 30*24*time.Hour:
		return p.T("ago.days", "count", int(d/(24*time.Hour)))
	}
	return p.Date(t)
}

// Duration formats a length of time with its two largest units: "1 h 5 min",
// "1 min 12 s", "8 s". The short units are the same in both languages.
func (p *Printer) Duration(d time.Duration) string {
	d = d.Round(time.Second)
	if d < 0 {
		return "-" + p.Duration(-d)
	}
	h, m, s := int64(d/time.Hour), int64(d/time.Minute)%60, int64(d/time.Second)%60
	var parts []string
	switch {
	case h > 0:
		parts = append(parts, p.Int(h)+string(noBreak)+"h")
		if m > 0 {
			parts = append(parts, p.Int(m)+string(noBreak)+"min")
		}
	case m > 0:
		parts = append(parts, p.Int(m)+string(noBreak)+"min")
		if s > 0 {
			parts = append(parts, p.Int(s)+string(noBreak)+"s")
		}
	default:
		parts = append(parts, p.Int(s)+string(noBreak)+"s")
	}
	return strings.Join(parts, " ")
}
