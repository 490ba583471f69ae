package csvfile

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

func TestCell(t *testing.T) {
	for _, c := range []struct{ text, commas, semicolons string }{
		{"", "", ""},
		{"How I measure", "How I measure", "How I measure"},
		{`=HYPERLINK("x")`, `'=HYPERLINK("x")`, `'=HYPERLINK("x")`},
		{"@alice", "'@alice", "'@alice"},
		{"+1", "'+1", "'+1"},
		{"-1+1", "'-1+1", "'-1+1"},
		{"\ttab", "'\ttab", "'\ttab"},
		{"\rreturn", "'\rreturn", "'\rreturn"},
		{"\nline", "'\nline", "'\nline"},
		{"＝1", "'＝1", "'＝1"},
		{"＋1", "'＋1", "'＋1"},
		{"－1", "'－1", "'－1"},
		{"＠alice", "'＠alice", "'＠alice"},
		{"﹦1", "'﹦1", "'﹦1"},
		{"  =1", "  '=1", "  '=1"},
		{"\u00a0\u200b\ufeff=1", "\u00a0\u200b\ufeff'=1", "\u00a0\u200b\ufeff'=1"},
		{"\x00=1", "\x00'=1", "\x00'=1"},
		{"a = b - c @ d", "a = b - c @ d", "a = b - c @ d"},
		{"Merci, @alice; - à bientôt", "Merci, @alice; - à bientôt", "Merci, @alice; - à bientôt"},
		{"x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0", "x;=cmd|' /C calc'!A0"},
		{`x;"=1"`, `x;"'=1"`, `x;"=1"`},
		{"x,=1", "x,=1", "x,'=1"},
		{"/map?ll=48.85,-2.35", "/map?ll=48.85,-2.35", "/map?ll=48.85,'-2.35"},
		{"a\n=1\r\n@b\t＝2", "a\n'=1\r\n'@b\t'＝2", "a\n'=1\r\n'@b\t'＝2"},
		{"it's", "it's", "it's"},
		{"'=1", "''=1", "''=1"},
		{"x,'=1;''-2", "x,''=1;'''-2", "x,''=1;'''-2"},
	} {
		if got := Cell(c.text, ','); got != c.commas {
			t.Errorf("%q among commas is %q, want %q", c.text, got, c.commas)
		}
		if got := Cell(c.text, ';'); got != c.semicolons {
			t.Errorf("%q among semicolons is %q, want %q", c.text, got, c.semicolons)
		}
	}
}

// runs says whether a spreadsheet that splits the file by its own separator,
// not the file's, finds a formula at the beginning of a cell. It may or may
// not mind quotes.
func runs(file string, comma rune) bool {
	pieces := strings.FieldsFunc(file, func(r rune) bool { return strings.ContainsRune("\t\r\n", r) || r == comma })
	for _, piece := range pieces {
		if piece = strings.TrimLeft(piece, `"`); piece != "" && strings.ContainsRune(signs, []rune(piece)[0]) {
			return true
		}
	}
	return false
}

// FuzzCell: no text makes a formula in a file, however it is split; each comes
// back as it was; and JSON means what it did.
func FuzzCell(f *testing.F) {
	for _, s := range []string{"", "=1", "'=1", "a;=1", `a;""=1`, `a,"'"=1`, ";;=1", "\t\t=1", "\n'\n=1", " '=1", "' =1", ",'=1", ";＝1", "x\xff;=1", `";'=`, "﹫;﹣", "=;'=,''="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, comma := range ",;" {
			other := ';'
			if comma == ';' {
				other = ','
			}
			cell := Cell(s, comma)
			if back := Plain(cell); back != s {
				t.Fatalf("%q is written %q and read %q", s, cell, back)
			}
			var b strings.Builder
			w := csv.NewWriter(&b)
			w.Comma = comma
			if err := w.Write([]string{"first", cell, "last"}); err != nil {
				t.Fatal(err)
			}
			w.Flush()
			if file := b.String(); runs(file, other) {
				t.Fatalf("%q, in a file %q, is a formula where %q separates", s, file, other)
			}
			if cell != "" && strings.ContainsRune(signs+"\t\r\n", []rune(cell)[0]) {
				t.Fatalf("%q is written %q", s, cell)
			}
			text, err := json.Marshal(map[string]string{"key" + s: s})
			if err != nil {
				t.Fatal(err)
			}
			var was, is any
			if err := json.Unmarshal([]byte(JSONCell(string(text), comma)), &is); err != nil {
				t.Fatalf("%s: %v", JSONCell(string(text), comma), err)
			}
			if err := json.Unmarshal(text, &was); err != nil {
				t.Fatal(err)
			}
			if a, _ := json.Marshal(was); string(a) != func() string { b, _ := json.Marshal(is); return string(b) }() {
				t.Fatalf("%s means %v", text, is)
			}
		}
	})
}
