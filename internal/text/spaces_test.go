package text

import "testing"

func TestFrenchSpaces(t *testing.T) {
	tests := map[string]string{
		"Où ? Là ; ou non : « ici » !": "Où\u202f? Là\u202f; ou non\u00a0: «\u00a0ici\u00a0»\u202f!",
		"De 500 à 2 000, 100 %.":       "De 500 à 2 000, 100\u202f%.",
		"« a » : {n} %":                "«\u00a0a\u00a0»\u00a0: {n}\u202f%",
		"à 20:30, ?es=… et %d :e":      "à 20:30, ?es=… et %d :e",
		"":                             "",
	}
	for in, want := range tests {
		if got := spaced(in); got != want {
			t.Errorf("spaced(%q) = %q, want %q", in, got, want)
		}
		if got := (Text{EN: in, FR: in}).In("fr"); got != want {
			t.Errorf("In(fr) of %q = %q, want %q", in, got, want)
		}
		if got := (Text{EN: in, FR: in}).In("en"); got != in {
			t.Errorf("In(en) of %q = %q", in, got)
		}
	}
}
