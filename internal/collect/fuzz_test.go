package collect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The scanner takes and refuses what encoding/json does, and reads the same.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":"b","c":[1,-2.5e+3,true,false,null,{}]}`, `{"\u00e9\ud83d\ude00\ud800":"\"\\\/\b\f\n\r\t"}`, `{"a":01}`, `{"a":"` + "\x01" + `"}`,
		"{\"\xff\xfe\":1}", ` { } `, `{"a":1,}`, `{"a" 1}`, `{"a":.5}`, `{"a":1.}`, `{"a":"\u12"}`, `{"a":"\x"}`, `{"a":nul}`, `{"a":-}`, `{"a":"`, `{"a":"\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var want map[string]any
		err := json.Unmarshal([]byte(s), &want)
		if want == nil && err == nil {
			return // null
		}
		if strings.Count(s, "{")+strings.Count(s, "[") >= maxDepth {
			return
		}
		p := scanner{s: s}
		got := map[string]any{}
		p.object(func(key string) {
			v, k := p.scalar()
			got[key] = [2]any{v, k}
		})
		p.peek()
		ok := !p.bad && p.i == len(s)
		if ok != (err == nil) {
			t.Fatalf("%q: taken %v, encoding/json says %v", s, ok, err)
		}
		if !ok {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%q: %d members, not %d", s, len(got), len(want))
		}
		for k, w := range want {
			g, _ := got[k].([2]any)
			switch w := w.(type) {
			case string:
				if g != [2]any{w, text} {
					t.Fatalf("%q: member %q is %v, not %q", s, k, g, w)
				}
			case bool:
				if g != [2]any{fmt.Sprint(w), boolean} {
					t.Fatalf("%q: member %q is %v", s, k, g)
				}
			case nil:
				if g != [2]any{"null", null} {
					t.Fatalf("%q: member %q is %v", s, k, g)
				}
			case float64:
				if g[1] != number || toNumber(g[0].(string)) != w {
					t.Fatalf("%q: member %q is %v, not %v", s, k, g, w)
				}
			}
		}
	})
}

// Whatever is sent: no crash, a sound answer, and only sound events.
func FuzzEvent(f *testing.F) {
	f.Add(`{"n":"pageview","u":"https://example.com/post?es=1aB3dE5fG7","d":"example.com","r":"https://t.co/","p":{"a":1},"h":1}`)
	f.Add(`{"n":"share","u":"https://example.com/","d":"example.com","sh":{"i":"1aB3dE5fG7","n":"x","k":"link","p":"2aB3dE5fG7"}}`)
	f.Add(`{"n":"engagement","u":"https://example.com/#a","d":"hash.example,other.org","sd":30,"e":1e3}`)
	f.Add(`{"n":"x","u":"https://example.com/%ff","$":{"currency":"EUR","amount":"-1.50"},"p":"{\"a\":\"b\"}"}`)
	f.Fuzz(func(t *testing.T, body string) {
		m := &memory{}
		col, _ := newTest(m)
		r := ask(col, "POST", "/api/event", body)
		if !slices.Contains([]int{202, 400, 413}, r.StatusCode) {
			t.Fatalf("%d", r.StatusCode)
		}
		events := m.events(t)
		if (r.StatusCode == 202) != (len(events) > 0) {
			t.Fatalf("%d with %d events", r.StatusCode, len(events))
		}
		for _, e := range events {
			checkSound(t, e)
		}
	})
}
