package export

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// TestCell: numbers are numbers, and nothing else runs in a spreadsheet.
func TestCell(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, ""},
		{"=1", "'=1"},
		{"x;＝1", "x;'＝1"},
		{int32(-5), "-5"},
		{uint8(5), "5"},
		{-0.5, "-0.5"},
		{decimal.RequireFromString("-12.50"), "-12.5"},
		{time.Date(2026, 1, 31, 12, 0, 0, 5e6, time.UTC), "2026-01-31T12:00:00.005Z"},
		{map[string]string{}, ""},
		{map[string]string{"a": "x;=1", "b": "-2"}, `{"a":"x;\u003d1","b":"-2"}`},
		{[]string{"x", ";=1"}, "[x ;'=1]"},
	} {
		if got := cell(c.value); got != c.want {
			t.Errorf("%T %v: %q, want %q", c.value, c.value, got, c.want)
		}
	}
}
