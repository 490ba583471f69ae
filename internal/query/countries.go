package query

import (
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/earshot-analytics/earshot/internal/metric"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// countries are the codes of ISO 3166-1 and their English names, in the same
// order.
var countries = sync.OnceValues(func() (codes, names []string) {
	english := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, err := language.ParseRegion(code)
			if err != nil || !r.IsCountry() || r.Canonicalize().String() != code {
				continue
			}
			if name := english.Name(r); name != "" {
				codes, names = append(codes, code), append(names, name)
			}
		}
	}
	return codes, names
})

// bindCountries binds what visit:country_name reads, where it is asked for.
func (b *builder) bindCountries() {
	asked := false
	of := func(name string) { asked = asked || name == metric.CountryName }
	for _, d := range b.dims {
		of(d.Name)
	}
	for _, f := range b.q.Filter {
		f.leaves(false, func(leaf Filter, _ bool) { of(leaf.Dimension) })
	}
	if asked {
		codes, names := countries()
		b.args = append(b.args, rows.Bind("countries", codes), rows.Bind("country_names", names))
	}
}
