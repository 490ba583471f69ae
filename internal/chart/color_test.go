package chart

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/earshot-analytics/earshot/internal/social"
)

// How far two colours must be from each other in OKLab, by how likely they
// stand in one chart. What a careful eye tells side by side is 0.02; lines are
// thin and legends are read at a distance.
const (
	apart          = 0.055 // any two
	apartFollowed  = 0.085
	apartTogether  = 0.12
	apartAnomalous = 0.065 // together, as eyes without red or without green see them
)

// followed are the networks whose followers are read or imported: any of them
// may stand in one chart.
func followed() []string {
	names := []string{"newsletter", "rss"}
	for _, c := range social.Connectors() {
		names = append(names, c.Network())
	}
	return names
}

// together are the networks that most charts of followers and of shares have.
func together() [][]string {
	return [][]string{
		{"mastodon", "bluesky", "x", "facebook", "instagram", "linkedin", "youtube", "threads", "tiktok"},
		{"copy", "mastodon", "whatsapp", "bluesky", "email", "facebook", "linkedin", "reddit", "native", "x"},
	}
}

// anomalous are linear RGB as eyes without red cones and without green ones
// see it: Machado, Oliveira and Fernandes (2009), severity 1.
func anomalous() map[string][3][3]float64 {
	return map[string][3][3]float64{
		"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	}
}

func seen(by [3][3]float64, c [3]float64) (out [3]float64) {
	for i, row := range by {
		out[i] = min(1, max(0, row[0]*c[0]+row[1]*c[1]+row[2]*c[2]))
	}
	return out
}

// linear is a colour #rrggbb as linear RGB.
func linear(t *testing.T, hex string) (c [3]float64) {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	for i := range c {
		v := float64(n>>(16-8*i)&0xff) / 255
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

// contrast is WCAG's.
func contrast(a, b [3]float64) float64 {
	light := func(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05 }
	return max(light(a), light(b)) / min(light(a), light(b))
}

func distance(a, b [3]float64) float64 {
	x, y := oklab(a), oklab(b)
	return math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2])
}

// oklab is linear RGB as Ottosson's OKLab (2020) has it.
func oklab(c [3]float64) [3]float64 {
	r, g, b := c[0], c[1], c[2]
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// themes are the custom properties of a style sheet that have a colour for
// each theme: the light one, then the dark one.
func themes(t *testing.T, sheet string) [2]map[string][3]float64 {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "web", "static", "css", sheet))
	if err != nil {
		t.Fatal(err)
	}
	out := [2]map[string][3]float64{{}, {}}
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)`).FindAllStringSubmatch(string(src), -1) {
		out[0][m[1]], out[1][m[1]] = linear(t, m[2]), linear(t, m[3])
	}
	return out
}

// Networks in one chart can be told apart and seen on their card, in both
// themes.
func TestNetworksTellApart(t *testing.T) {
	colors, tokens := themes(t, "dashboard-colours.css"), themes(t, "tokens.css")
	for _, a := range followed() {
		if !slices.Contains(networks(), a) {
			t.Errorf("%s has no colour of its own", a)
		}
	}
	for i, theme := range []string{"light", "dark"} {
		for j, a := range networks() {
			x, ok := colors[i]["net-"+a]
			if !ok {
				t.Fatalf("%s has no colour", a)
			}
			if c := contrast(x, tokens[i]["surface"]); c < 3 {
				t.Errorf("%s: %s has a contrast of %.2f on its card, less than 3", theme, a, c)
			}
			for _, b := range networks()[:j] {
				y := colors[i]["net-"+b]
				both := func(list []string) bool { return slices.Contains(list, a) && slices.Contains(list, b) }
				least := apart
				if both(followed()) {
					least = apartFollowed
				}
				if slices.ContainsFunc(together(), both) {
					least = apartTogether
					for name, eye := range anomalous() {
						if d := distance(seen(eye, x), seen(eye, y)); d < apartAnomalous {
							t.Errorf("%s, %s: %s and %s are %.3f apart, less than %.3f", theme, name, a, b, d, apartAnomalous)
						}
					}
				}
				if d := distance(x, y); d < least {
					t.Errorf("%s: %s and %s are %.3f apart, less than %.3f", theme, a, b, d, least)
				}
			}
		}
	}
}
