package enrich

import (
	"net/url"
	"strings"
	"testing"
)

func TestTakeShareParam(t *testing.T) {
	const id = "1aBcDeFgHi"
	for _, c := range []struct{ name, param, url, id, rest string }{
		{"none", "", "https://a.example/p?x=1#f", "", "https://a.example/p?x=1#f"},
		{"alone in the query", "", "https://a.example/p?es=" + id, id, "https://a.example/p"},
		{"first", "", "https://a.example/p?es=" + id + "&x=1", id, "https://a.example/p?x=1"},
		{"last", "", "https://a.example/p?x=1&es=" + id, id, "https://a.example/p?x=1"},
		{"between", "", "https://a.example/p?x=%20&es=" + id + "&y", id, "https://a.example/p?x=%20&y"},
		{"the rest stays byte for byte", "", "https://a.example/p?b=2&a=%41+c&es=" + id + "&&z=", id, "https://a.example/p?b=2&a=%41+c&&z="},
		{"fragment", "", "https://a.example/p#es=" + id, id, "https://a.example/p"},
		{"after an anchor", "", "https://a.example/p#part&es=" + id, id, "https://a.example/p#part"},
		{"before an anchor's parameters", "", "https://a.example/p#es=" + id + "&part", id, "https://a.example/p#part"},
		{"in a route", "", "https://a.example/#/p?es=" + id + "&x=1", id, "https://a.example/#/p?x=1"},
		{"alone in a route", "", "https://a.example/#/p?es=" + id, id, "https://a.example/#/p"},
		{"escapes in the fragment stay", "", "https://a.example/#%2Fp%20q&es=" + id, id, "https://a.example/#%2Fp%20q"},
		{"query and fragment: the query counts", "", "https://a.example/?es=2zzzzzzzzz#es=" + id, "2zzzzzzzzz", "https://a.example/"},
		{"twice: the last counts", "", "https://a.example/?es=2zzzzzzzzz&es=" + id, id, "https://a.example/"},
		{"from an address bar", "", "https://a.example/p#es=2_BcDeFgHi", "2_BcDeFgHi", "https://a.example/p"},
		{"from an address bar, after another share", "", "https://a.example/p#es=2_BcDeFgHi" + id, "2_BcDeFgHi after " + id, "https://a.example/p"},
		{"only such an ID has its parent with it", "", "https://a.example/p#es=" + id + id, "", "https://a.example/p#es=" + id + id},
		{"an underscore elsewhere", "", "https://a.example/p?es=1a_cDeFgHi", "", "https://a.example/p?es=1a_cDeFgHi"},
		{"another name", "via", "https://a.example/?via=" + id + "&es=2zzzzzzzzz", id, "https://a.example/?es=2zzzzzzzzz"},
		{"longer name", "", "https://a.example/?yes=" + id, "", "https://a.example/?yes=" + id},
		{"the site's own", "", "https://a.example/?es=1", "", "https://a.example/?es=1"},
		{"eleven characters", "", "https://a.example/?es=" + id + "x", "", "https://a.example/?es=" + id + "x"},
		{"generation 0", "", "https://a.example/?es=0aBcDeFgHi", "", "https://a.example/?es=0aBcDeFgHi"},
		{"generation in a capital", "", "https://a.example/?es=AaBcDeFgHi", "", "https://a.example/?es=AaBcDeFgHi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := url.Parse(c.url)
			if err != nil {
				t.Fatal(err)
			}
			found, ok := TakeShareParam(u, c.param)
			got := found.ID
			if found.Parent != "" {
				got += " after " + found.Parent
			}
			if got != c.id || ok != (c.id != "") || u.String() != c.rest {
				t.Errorf("got %q, %v, rest %s\nwant %q, rest %s", got, ok, u, c.id, c.rest)
			}
		})
	}
}

func TestGeneration(t *testing.T) {
	for id, want := range map[string]int{
		"1aaaaaaaaa": 1, "9aaaaaaaaa": 9, "aAAAAAAAAA": 10, "z000000000": 35,
		"2_aaaaaaaa": 2, "0aaaaaaaaa": 0, "Aaaaaaaaaa": 0, "1aaaaaaaa": 0, "1aaaaaaaa-": 0, "": 0, "1aaaaaaaaé": 0,
	} {
		if got := Generation(id); got != want {
			t.Errorf("Generation(%q) = %d, want %d", id, got, want)
		}
	}
}

func FuzzTakeShareParam(f *testing.F) {
	f.Add("x=1&es=1aBcDeFgHi", "/route?es=1aBcDeFgHi&y")
	f.Add("es=1aBcDeFgHi&es=1aBcDeFgHi", "es=1aBcDeFgHi")
	f.Add("es=1_BcDeFgHi1aBcDeFgHi", "part&es=1_BcDeFgHi")
	f.Add("&&es=1aBcDeFgHi&", "?&es=1aBcDeFgHi?")
	f.Fuzz(func(t *testing.T, query, fragment string) {
		u, err := url.Parse("https://a.example/p?" + query + "#" + fragment)
		if err != nil || strings.Contains(query, "#") {
			return
		}
		count := func(u *url.URL, keep bool) (n int) {
			for _, s := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' }) {
				key, value, _ := strings.Cut(s, "=")
				_, carried := via(value)
				if taken := key == "es" && carried; taken != keep {
					n++
				}
			}
			return n
		}
		shares, others := count(u, false), count(u, true)
		before := u.String()
		found, ok := TakeShareParam(u, "es")
		id := found.ID
		if ok != ValidShareID(id) || shares > 0 && !ok {
			t.Errorf("took %q, %v from %s", id, ok, before)
		}
		if !ok && u.String() != before {
			t.Errorf("nothing taken, and %s became %s", before, u)
		}
		if got := count(u, true); got != others {
			t.Errorf("%s had %d other parameters, %s has %d", before, others, u, got)
		}
		if again, ok := TakeShareParam(u, "es"); ok {
			t.Errorf("%s still had %q", u, again)
		}
	})
}
