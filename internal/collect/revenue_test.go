package collect

import (
	"strings"
	"testing"
)

// An event is kept with its revenue, or without one that can't be: an amount
// that is no number or too large, a currency that is none.
func TestRevenueOfEvents(t *testing.T) {
	for _, test := range []struct{ name, fields, want string }{
		{"an object", `"$":{"currency":"EUR","amount":9.90}`, "EUR 9.9"},
		{"by its long name", `"revenue":{"amount":1200,"currency":"jpy"}`, "JPY 1200"},
		{"a text that holds JSON", `"$":"{\"currency\":\"EUR\",\"amount\":\"12.5\"}"`, "EUR 12.5"},
		{"the same by its long name", `"revenue":" {\"currency\": \"USD\", \"amount\": 3} "`, "USD 3"},
		{"the short name is heard first", `"$":{"currency":"EUR","amount":1},"revenue":{"currency":"USD","amount":2}`, "EUR 1"},
		{"nothing of the other name's", `"revenue":{"currency":"USD","amount":2},"$":{"amount":1}`, ""},
		{"a short name of no use", `"$":"soon","revenue":{"currency":"USD","amount":2}`, "USD 2"},
		{"half a text", `"$":"{\"currency\":\"EUR\",\"amount\":1"`, ""},
		{"a text and more", `"$":"{\"currency\":\"EUR\",\"amount\":1} x"`, ""},
		{"a list", `"$":[{"currency":"EUR","amount":1}]`, ""},
		{"a number", `"$":9.9`, ""},
		{"a refund", `"$":{"currency":"EUR","amount":-4.25}`, "EUR -4.25"},
		{"nothing paid", `"$":{"currency":"EUR","amount":0}`, "EUR 0"},
		{"an exponent", `"$":{"currency":"EUR","amount":1.5e3}`, "EUR 1500"},
		{"a plus", `"$":{"currency":"EUR","amount":"+5"}`, "EUR 5"},
		{"more than three places", `"$":{"currency":"EUR","amount":0.1239}`, "EUR 0.123"},
		{"the largest", `"$":{"currency":"EUR","amount":"999999999999.999"}`, "EUR 999999999999.999"},
		{"the smallest", `"$":{"currency":"EUR","amount":"-999999999999.999"}`, "EUR -999999999999.999"},
		{"too large", `"$":{"currency":"EUR","amount":1000000000000}`, ""},
		{"too small", `"$":{"currency":"EUR","amount":-1e12}`, ""},
		{"64 bytes of text", `"$":{"currency":"EUR","amount":"` + strings.Repeat("0", 62) + `.5"}`, "EUR 0.5"},
		{"65 bytes of text", `"$":{"currency":"EUR","amount":"` + strings.Repeat("0", 63) + `.5"}`, ""},
		{"a comma", `"$":{"currency":"EUR","amount":"9,90"}`, ""},
		{"a sign", `"$":{"currency":"EUR","amount":"9.90 €"}`, ""},
		{"infinite", `"$":{"currency":"EUR","amount":"Infinity"}`, ""},
		{"no number", `"$":{"currency":"EUR","amount":"NaN"}`, ""},
		{"no amount", `"$":{"currency":"EUR"}`, ""},
		{"an amount that is null", `"$":{"currency":"EUR","amount":null}`, ""},
		{"no currency", `"$":{"amount":5}`, ""},
		{"a currency that ISO 4217 lacks", `"$":{"currency":"ZZZ","amount":5}`, ""},
		{"a code without a country", `"$":{"currency":"XOF","amount":5}`, "XOF 5"},
		{"a sign for a currency", `"$":{"currency":"€","amount":5}`, ""},
		{"a name for a currency", `"$":{"currency":"euro","amount":5}`, ""},
		{"spaces for a currency", `"$":{"currency":"   ","amount":5}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			r := ask(col, "POST", "/api/event", `{"n":"Order","u":"https://example.com/post","d":"example.com",`+test.fields+`}`)
			events := m.events(t)
			if r.StatusCode != 202 || len(events) != 1 {
				t.Fatalf("%d, %d events", r.StatusCode, len(events))
			}
			got := ""
			if e := events[0]; e.RevenueCurrency != "" || e.RevenueAmount != "" {
				got = e.RevenueCurrency + " " + e.RevenueAmount
			}
			// The amount as the table reads it.
			if unpadded(got) != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}

	// Reports of engagement and shares bring nothing.
	p, ok := parsePayload(`{"n":"engagement","e":5,"u":"https://example.com/","$":{"currency":"EUR","amount":5}}`)
	if e, bad := (&Collector{}).check(&p); !ok || bad != nil || e.RevenueCurrency != "" {
		t.Errorf("engagement: %+v %v", e, bad)
	}
}

// unpadded drops the zeros that lead an amount.
func unpadded(s string) string {
	if len(s) < 6 {
		return s
	}
	for s[4] == '0' && len(s) > 5 && s[5] != '.' {
		s = s[:4] + s[5:]
	}
	return s
}
