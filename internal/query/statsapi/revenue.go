package statsapi

import (
	"math"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/query"
)

// Revenue is an amount in one currency, as Plausible writes one.
type Revenue struct {
	Value    float64 `json:"value"`
	Currency string  `json:"currency"`
	Short    string  `json:"short"` // "€500.2M"
	Long     string  `json:"long"`  // "€500,200,700.25"
}

// figure writes a metric's value: money as one amount, or as a list of amounts
// where there are several currencies.
func figure(v any) any {
	m, ok := v.(query.Money)
	if !ok {
		return v
	}
	list := make([]Revenue, len(m))
	for i, a := range m {
		list[i] = Revenue{a.Value, a.Currency, short(a), long(a)}
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// revenueWarning tells scripts what to make of a column of money that has no
// amount, or several in one place. The codes are Plausible's.
func revenueWarning(res *query.Result, column int) (Warning, bool) {
	if res.Columns[column].Unit != metric.Money || len(res.Rows) == 0 {
		return Warning{}, false
	}
	most := 0
	for _, row := range res.Rows {
		m, _ := row[column].(query.Money)
		most = max(most, len(m))
	}
	switch most {
	case 0:
		return Warning{"no_revenue_goals_matching", "No event of this question has revenue."}, true
	case 1:
		return Warning{}, false
	}
	return Warning{"no_single_revenue_currency", "There is revenue in several currencies, which have no sum: the value is a list of amounts, one for each. Ask by event:currency for rows of one currency."}, true
}

var english = message.NewPrinter(language.English)

// long is an amount in full, with the places that its currency has.
func long(a query.Amount) string {
	places := 2
	if unit, err := currency.ParseISO(a.Currency); err == nil {
		places, _ = currency.Standard.Rounding(unit)
	}
	return signed(a, english.Sprint(number.Decimal(math.Abs(a.Value), number.MinFractionDigits(places), number.MaxFractionDigits(places))))
}

// short is an amount with one place, in thousands, millions or billions.
func short(a query.Amount) string {
	n, letter := math.Abs(a.Value), ""
	for _, next := range []string{"K", "M", "B"} {
		if math.Round(n*10) < 10_000 {
			break
		}
		n, letter = n/1000, next
	}
	return signed(a, english.Sprint(number.Decimal(n, number.Scale(1)))+letter)
}

// signed sets the currency's sign before an amount, or its code where it has
// none.
func signed(a query.Amount, text string) string {
	sign := a.Currency + "\u00a0"
	if unit, err := currency.ParseISO(a.Currency); err == nil {
		if s := english.Sprint(currency.Symbol(unit)); s != a.Currency {
			sign = s
		}
	}
	if a.Value < 0 {
		sign = "-" + sign
	}
	return sign + text
}
