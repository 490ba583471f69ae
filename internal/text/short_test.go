package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShort(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {"abc", "abc"}, {"abcd", "abc…"}, {"éé", "éé"}, {"éééé", "ééé…"}, {"\xff\xff\xff\xff", "\xff\xff\xff…"},
	} {
		if got := Short(tt.text, 3); got != tt.want || utf8.RuneCountInString(got) > 4 {
			t.Errorf("%q: %q", tt.text, got)
		}
	}
	if got := Quoted([]any{strings.Repeat("a", 301), strings.Repeat("b", 300), 7}); got[0] != strings.Repeat("a", 300)+"…" || got[1] != strings.Repeat("b", 300) || got[2] != 7 {
		t.Errorf("%v", got)
	}
}
