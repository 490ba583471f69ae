package panel

import (
	"math"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/web"
)

func TestSeasons(t *testing.T) {
	texts, err := text.Load(web.Strings())
	if err != nil {
		t.Fatal(err)
	}
	for date, want := range map[string]string{"2026-12-01": "winter 2027", "2027-02-01": "winter 2027", "2027-03-01": "spring 2027", "2027-08-31": "summer 2027", "2027-11-30": "autumn 2027"} {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := season(texts.Printer(text.English), at); got != want {
			t.Errorf("%s is %s, want %s", date, got, want)
		}
	}
}

// Expected values are from tables of the Poisson distribution.
func TestChance(t *testing.T) {
	for _, c := range []struct{ n, mean, want float64 }{{2, 1, 0.26424}, {16, 6, 0.00051}, {10, 5, 0.03183}, {1, 0, 0}} {
		if got := chance(c.n, c.mean); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%v of a mean of %v: %.6f, want %.5f", c.n, c.mean, got, c.want)
		}
	}
}
