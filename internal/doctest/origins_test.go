package doctest

import (
	"fmt"
	"go/constant"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/browsertest"
	"github.com/earshot-analytics/earshot/internal/social"
)

// valueOf is what an origin comes to, in bytes, seconds or the number itself.
func valueOf(t *testing.T, o origin) float64 {
	t.Helper()
	switch o := o.(type) {
	case int:
		return float64(o)
	case func(*testing.T) float64:
		return o(t)
	case string:
		factor := 1.0
		if before, name, ok := strings.Cut(o, " * "); ok {
			f, err := strconv.ParseFloat(before, 64)
			if err != nil {
				t.Fatalf("%q: %v", o, err)
			}
			factor, o = f, name
		}
		v, duration := constantOf(t, o)
		f, _ := constant.Float64Val(constant.ToFloat(v))
		if duration {
			f /= float64(time.Second)
		}
		return factor * f
	}
	t.Fatalf("%v is no origin", o)
	return 0
}

// inFile is a number in a file that is no Go.
func inFile(path, pattern string, divisor float64) func(*testing.T) float64 {
	return func(t *testing.T) float64 {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(read(t, path))
		if m == nil {
			t.Errorf("%s has nothing like %s", path, pattern)
			return math.NaN()
		}
		f, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return f / divisor
	}
}

// rate is what a flag's limit is by default, burst what may come at once.
func rate(flag string) func(*testing.T) float64 {
	return inFile("cmd/earshot/app/serve.go", flag+` .*default:"(\d+)"`, 1)
}

func burst(flag string) func(*testing.T) float64 {
	return func(t *testing.T) float64 { return rate(flag)(t) * valueOf(t, collect+"burstSeconds") }
}

// visitsBurst is how many visits of an address may begin at once.
func visitsBurst(t *testing.T) float64 {
	return rate("LimitVisits")(t) * valueOf(t, collect+"burstVisits")
}

func budget(script string) func(*testing.T) float64 {
	if script == "earshot.js" {
		return inFile("web/build-tracker.mjs", `const budget = (\d+)`, 1)
	}
	return inFile("web/build-tracker.mjs", `name: "`+regexp.QuoteMeta(script)+`", budget: (\d+)`, 1)
}

// throttle is how many tries a count holds and in how many seconds one comes
// back, the first and the second.
func throttle(what string, which int) func(*testing.T) float64 {
	return func(t *testing.T) float64 {
		m := regexp.MustCompile(what + `Limit += limit\{(\d+), (?:(\d+) \* )?time\.(Second|Minute)`).FindStringSubmatch(read(t, "internal/server/throttle.go"))
		if m == nil {
			t.Errorf("internal/server/throttle.go has no %sLimit", what)
			return math.NaN()
		}
		value := units[strings.ToLower(m[3])]
		text := m[2]
		if which == 1 {
			value, text = 1, m[1]
		}
		if text == "" {
			return value
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Error(err)
		}
		return n * value
	}
}

// answers are how many may be under way.
func answers(class, field string) func(*testing.T) float64 {
	return inFile("internal/server/answers.go", `turn\.`+class+`:\s+\{.*\b`+field+`: (\d+)`, 1)
}

// held are how many of live figures are held.
func held(class, field string) func(*testing.T) float64 {
	return inFile("internal/server/live.go", `turn\.`+class+`:\s+\{.*\b`+field+`: (\d+)`, 1)
}

// importTurns are how many files may be looked at.
func importTurns(field string) func(*testing.T) float64 {
	return inFile("cmd/earshot/app/followers.go", `turn\.User:\s+\{.*\b`+field+`: (\d+)`, 1)
}

// passwords are how many of strangers' wait to be compared.
func passwords(field string) func(*testing.T) float64 {
	return inFile("internal/server/throttle.go", `turn\.Stranger:\s+\{.*\b`+field+`: (\d+)`, 1)
}

func methods(*testing.T) float64 { return float64(reflect.TypeFor[social.Connector]().NumMethod()) }

var (
	words = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")
	units = map[string]float64{
		"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1e3, "MB": 1e6, "GB": 1e9,
		"ms": 0.001, "s": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400,
		"thousand": 1000, "fifth": 0.2, "%": 1, "": 1,
	}
	superscript = strings.NewReplacer("⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9")
)

// parse reads as people do: "10,000", "64 KiB", "five seconds", "half an hour",
// "5 %", "10¹²".
func parse(text string) (float64, error) {
	n, unit, _ := strings.Cut(strings.ToLower(text[:1])+text[1:], " ")
	factor := 1.0
	if n == "half" {
		factor = 0.5
		n, unit, _ = strings.Cut(unit, " ")
	}
	value := 1.0
	if _, isUnit := units[n]; isUnit && n != "" {
		unit = n
	} else if i := slices.Index(words, n); i >= 0 {
		value = float64(i)
	} else if n != "a" && n != "an" {
		var err error
		if ten, power, ok := strings.Cut(n, "10"); ok && ten == "" && power != "" && strings.Trim(power, "⁰¹²³⁴⁵⁶⁷⁸⁹") == "" {
			n = "1e" + superscript.Replace(power)
		}
		if value, err = strconv.ParseFloat(strings.ReplaceAll(n, ",", ""), 64); err != nil {
			return 0, fmt.Errorf("%q is no number", text)
		}
	}
	if _, ok := units[unit]; !ok {
		unit = strings.TrimSuffix(unit, "s")
	}
	u, ok := units[unit]
	if !ok {
		return 0, fmt.Errorf("%q has no unit that is known", text)
	}
	return factor * value * u, nil
}

// same allows for parts of one that the docs have in percent.
func same(text string, told, is float64) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }
	return near(told, is) || is < 1 && near(told, 100*is) && !strings.Contains(text, ".")
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(browsertest.Root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
