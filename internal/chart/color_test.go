package chart

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// apart is how far two colours of one chart must be from each other in OKLab:
// four times what a careful eye tells side by side, as lines are thin.
const apart = 0.085

// followed are the networks whose followers are read and that have a colour:
// any of them may stand in one chart.
func followed() []string {
	return []string{
		"mastodon", "bluesky", "x", "facebook", "instagram", "threads", "linkedin", "youtube", "tiktok", "pinterest",
		"reddit", "telegram", "github", "twitch", "discord", "newsletter", "rss",
	}
}

// oklab is a colour #rrggbb as Ottosson's OKLab (2020) has it.
func oklab(t *testing.T, hex string) (lab [3]float64) {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	r, g, b := linear(16), linear(8), linear(0)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// Networks in one chart can be told apart, in both themes.
func TestNetworksTellApart(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "web", "static", "css", "dashboard-colours.css"))
	if err != nil {
		t.Fatal(err)
	}
	themes := [2]map[string][3]float64{{}, {}}
	for _, m := range regexp.MustCompile(`--net-(\w+): light-dark\((#\w{6}), (#\w{6})\)`).FindAllStringSubmatch(string(src), -1) {
		themes[0][m[1]], themes[1][m[1]] = oklab(t, m[2]), oklab(t, m[3])
	}
	for i, theme := range []string{"light", "dark"} {
		for j, a := range followed() {
			x, ok := themes[i][a]
			if !ok {
				t.Fatalf("%s has no colour", a)
			}
			for _, b := range followed()[:j] {
				y := themes[i][b]
				if d := math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2]); d < apart {
					t.Errorf("%s: %s and %s are %.3f apart, less than %.2f", theme, a, b, d, apart)
				}
			}
		}
	}
}
