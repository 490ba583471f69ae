package collect

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/event"
)

var decimal = regexp.MustCompile(`^(-?[0-9]{1,13}(\.[0-9]{1,3})?)?$`)

// checkSound holds an event against the rules at the top of package event.
func checkSound(t *testing.T, e event.Event) {
	t.Helper()
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		if s, ok := v.Field(i).Interface().(string); ok {
			soundText(t, v.Type().Field(i).Name, s, event.MaxURL)
		}
	}
	for _, p := range e.Props {
		soundText(t, "property key", p.Key, event.MaxPropKey)
		soundText(t, "property value", p.Value, event.MaxPropValue)
	}
	if utf8.RuneCountInString(e.Name) > event.MaxName || e.Name == "" || len(e.Props) > event.MaxProps || e.ScrollDepth > 100 || !strings.HasPrefix(e.Path, "/") && e.Path != "" {
		t.Errorf("got %+v", e)
	}
	if !decimal.MatchString(e.RevenueAmount) || (e.RevenueAmount == "") != (e.RevenueCurrency == "") {
		t.Errorf("revenue %q %q", e.RevenueCurrency, e.RevenueAmount)
	}
}

func soundText(t *testing.T, what, s string, limit int) {
	t.Helper()
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || len(s) > limit {
		t.Errorf("%s: %q", what, s)
	}
}
