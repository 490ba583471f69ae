package event

import "testing"

func TestValidCurrency(t *testing.T) {
	for code, want := range map[string]bool{
		"EUR": true, "USD": true, "AED": true, "ZWL": true,
		"eur": false, "": false, " EU": false, "EU": false, "UR ": false, "ZZZ": false, "EURUSD": false,
	} {
		if ValidCurrency(code) != want {
			t.Errorf("%q: %v", code, !want)
		}
	}
}
