package metric

import "github.com/earshot-analytics/earshot/internal/text"

// Revenue is what events say that they brought, each in a currency. Sums are
// made by currency and never across: a part is a text such as
// "EUR 30.5,USD 5", which query reads as query.Money.

// Currency is the dimension of an event's currency.
const Currency = "event:currency"

const hasRevenue = "revenue_currency != ''"

// byCurrency are the currencies, their amounts and their events, as a tuple of
// three arrays in the order of the currencies. The count keeps a currency
// whose amounts come to 0.
const byCurrency = "sumMapIf([toString(revenue_currency)], [revenue_amount], [toUInt64(1)], " + hasRevenue + ")"

const (
	totals   = "arrayMap((c, s) -> concat(c, ' ', toString(s)), " + byCurrency + ".1, " + byCurrency + ".2)"
	averages = "arrayMap((c, s, n) -> concat(c, ' ', toString(toDecimal128(round(toFloat64(s) / n, 3), 3))), " +
		byCurrency + ".1, " + byCurrency + ".2, " + byCurrency + ".3)"
)

var revenueParts = []Part{
	{Name: "revenue", Scope: Row, SQL: "arrayStringConcat(" + totals + ", ',')"},
	{Name: "revenue_top", Scope: Row, SQL: "toFloat64(arrayMax(" + byCurrency + ".2))"},
	{Name: "revenue_mean", Scope: Row, SQL: "arrayStringConcat(" + averages + ", ',')"},
	{Name: "revenue_mean_top", Scope: Row, SQL: "arrayMax(arrayMap((s, n) -> toFloat64(s) / n, " + byCurrency + ".2, " + byCurrency + ".3))"},
}

var revenueMetrics = []Metric{
	{
		Name: "total_revenue", Title: text.Text{EN: "Total revenue", FR: "Chiffre d’affaires"}, Unit: Money, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "What events say that they brought, by currency; amounts of different currencies are never added up. Unlike Plausible's, it needs no goal that has a currency: every event with revenue counts, in the currency that was sent.",
			FR: "Ce que les événements disent avoir rapporté, par devise ; des montants de devises différentes ne s’additionnent jamais. À la différence de Plausible, il ne faut pas d’objectif avec une devise : tout événement avec un montant compte, dans la devise envoyée.",
		},
		Formula: "sum of amounts, by currency", Source: earshot,
		Parts: []string{"revenue", "revenue_top"}, SQL: "nullIf(p.revenue, '')", Order: "if(p.revenue = '', NULL, p.revenue_top)",
	},
	{
		Name: "average_revenue", Title: text.Text{EN: "Average revenue", FR: "Montant moyen"}, Unit: Money, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Revenue of an average event that has any, by currency.",
			FR: "Montant moyen des événements qui en ont un, par devise.",
		},
		Formula: "sum of amounts ÷ events with revenue, by currency", Source: earshot,
		Parts: []string{"revenue_mean", "revenue_mean_top"}, SQL: "nullIf(p.revenue_mean, '')", Order: "if(p.revenue_mean = '', NULL, p.revenue_mean_top)",
	},
}
