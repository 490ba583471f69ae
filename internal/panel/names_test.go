package panel

import (
	"testing"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/text"
	"github.com/earshot-analytics/earshot/web"
)

// Values of dimensions have readable names.
func TestNames(t *testing.T) {
	texts, err := text.Load(web.Strings())
	if err != nil {
		t.Fatal(err)
	}
	names := New(Deps{Texts: texts, NetworkNames: map[string]string{"x": "X"}}).Namer(text.French)
	for _, tt := range []struct{ dimension, value, want string }{
		{"visit:channel", "Paid Search", "Recherche payante"},
		{"visit:device", "Desktop", "Ordinateur"},
		{"visit:country", "DE", "Allemagne"},
		{"account:network", "x", "X"},
		{"share:network", "copy", "Lien copié"},
		{"visit:share_network", "unheard-of", "unheard-of"},
		{"share:kind", "copy", "Lien copié"},
		{"account:role", "own", "Vos comptes"},
		{"left_out:reason", "ai", "Robots d’IA"},
		{"insight:name", "reach", "Portée"},
		{"event:page", "/copy", "/copy"},
	} {
		if got := names.Of(query.Column{Key: tt.dimension}, tt.value); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.dimension, tt.value, got, tt.want)
		}
	}
}
