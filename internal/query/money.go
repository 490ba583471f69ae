package query

import (
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// Money is a figure in one currency or in several, by currency. There is never
// a sum across currencies.
type Money []Amount

// Amount is a figure in one currency.
type Amount struct {
	Currency string  `json:"currency"` // ISO 4217
	Value    float64 `json:"value"`
}

// readMoney reads the text of a metric of the unit Money: "EUR 30.5,USD 5".
// It is nil where there is none.
func readMoney(text string) any {
	var m Money
	for one := range strings.SplitSeq(text, ",") {
		currency, amount, _ := strings.Cut(one, " ")
		if value, err := strconv.ParseFloat(amount, 64); err == nil {
			m = append(m, Amount{currency, value})
		}
	}
	if m == nil {
		return nil
	}
	return m
}

// sameCurrency says that both are figures in one currency, the same.
func (m Money) sameCurrency(other any) bool {
	o, ok := other.(Money)
	return ok && len(m) == 1 && len(o) == 1 && m[0].Currency == o[0].Currency
}

// decimal is a figure as a number; an amount of money is one where it is in
// one currency.
func decimal(v any) (float64, bool) {
	if m, ok := v.(Money); ok && len(m) == 1 {
		return m[0].Value, true
	}
	return rows.Float(v)
}
