package study

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/metric"
)

func article2011(t testing.TB) []Row {
	t.Helper()
	rows, err := Article()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestArticle(t *testing.T) {
	rows := article2011(t)
	if got := strings.Join(Names(rows), ", "); len(rows) != 16 || got != "eMarketer, GlobalWebIndex Wave 5, Brian Solis" {
		t.Errorf("%d rows of %s", len(rows), got)
	}
	res := Selection{Measures: []string{"*growth rate"}, Unit: metric.Percent, By: []string{ByPeriod, BySubject}}.Table(rows)
	var got []string
	for _, row := range res.Rows {
		got = append(got, strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(strings.Trim(strings.Join(strings.Fields(fmt.Sprint(row)), " "), "[]"), "-01-01 00:00:00 +0000 UTC", ""), "eMarketer ", "")))
	}
	want := []string{"2009 Facebook measured 90.3", "2009 Twitter measured 293.1", "2010 Facebook measured 38.6", "2011 Facebook estimate 13.4", "2011 Twitter estimate 26.3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rates (-want +got):\n%s", diff)
	}
	if len(res.Buckets) != 3 {
		t.Errorf("years %v", res.Buckets)
	}
	// Ranks are in order, percents from the largest down.
	wishes := Selection{Unit: Rank, By: []string{ByMeasure}}.Table(rows)
	if len(wishes.Rows) != 3 || wishes.Rows[0][0] != "wish: knowledge and entertainment" {
		t.Errorf("wishes %v", wishes.Rows)
	}
}

// The golden numbers: index 2.991, CAGR 44.1 %, levels 2.85 and 3.42; Twitter
// lacks a year, so nothing is said.
func TestLevels(t *testing.T) {
	rows := article2011(t)
	res, l, ok := Selection{Measures: []string{"user growth rate"}, Subjects: []string{"facebook"}, Unit: metric.Percent}.Index(rows)
	if !ok || math.Abs(l.CAGR-0.441) > 0.0005 || math.Abs(l.Logistic.Level-2.85) > 0.005 || math.Abs(l.Gompertz.Level-3.42) > 0.005 {
		t.Fatalf("%v %+v", ok, l)
	}
	if last := res.Rows[3]; last[1] != 2.991 || !res.Buckets[3].Incomplete || res.Buckets[2].Incomplete {
		t.Errorf("last year %v", last)
	}
	if _, _, ok := (Selection{Measures: []string{"new user growth rate"}, Unit: metric.Percent}).Index(rows); ok {
		t.Error("a year is missing, and yet there are levels")
	}
}

// Another study of the same subject, or of other people, changes nothing in
// what the first says; where the first says too little, the next is taken.
func TestLevelsOfSeveralStudies(t *testing.T) {
	of := Selection{Measures: []string{"user growth rate"}, Subjects: []string{"Facebook"}, Unit: metric.Percent}
	file, err := Read(strings.NewReader(head + "Survey,Facebook,user growth rate,world,,2024-12-31,5,percent,\n" +
		"Survey,Facebook,user growth rate,FR,,2023-12-31,90,percent,\nSurvey,Facebook,user growth rate,FR,,2024-12-31,40,percent,\nSurvey,Facebook,user growth rate,FR,,2025-12-31,15,percent,\n"))
	if err != nil || len(file.Errors) > 0 {
		t.Fatal(err, file.Errors)
	}
	if _, l, ok := of.Index(append(article2011(t), file.Rows...)); !ok || l.Study != "eMarketer" || math.Abs(l.CAGR-0.441) > 0.0005 {
		t.Errorf("%v %+v", ok, l)
	}
	if _, l, ok := of.Index(file.Rows); !ok || l.Study != "Survey" || l.Size < 3 {
		t.Errorf("%v %+v", ok, l)
	}
	if res, _, ok := of.Index(nil); ok || len(res.Columns) != 4 {
		t.Errorf("of nothing: %v %+v", ok, res)
	}
}

// What two studies measured of the same stands apart.
func TestStudiesStandApart(t *testing.T) {
	file, err := Read(strings.NewReader(head + "Survey,Facebook,user growth rate,world,,2009-12-31,80,percent,\nSurvey,Facebook,user growth rate,world,,2012-12-31,8,percent,\n" +
		"Survey,Blogs,user growth rate,world,,2009-12-31,3,percent,\n"))
	if err != nil || len(file.Errors) > 0 {
		t.Fatal(err, file.Errors)
	}
	of := Selection{Measures: []string{"*growth rate"}, Segments: []string{"world"}, Unit: metric.Percent, By: []string{ByPeriod, BySubject}}
	got := ""
	for _, row := range of.Table(append(article2011(t), file.Rows...)).Rows {
		got += fmt.Sprintf("%d %s %v, ", row[0].(time.Time).Year(), row[1], row[4])
	}
	const want = "2009 Facebook 90.3, 2009 Twitter 293.1, 2009 Facebook (Survey) 80, 2009 Blogs 3, 2010 Facebook 38.6, 2011 Facebook 13.4, 2011 Twitter 26.3, 2012 Facebook (Survey) 8, "
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

const head = "study,subject,measure,segment,period_start,period_end,value,unit,estimate\n"

func TestRead(t *testing.T) {
	for name, c := range map[string]struct{ file, key, text string }{
		"good":              {head + "A,B,c,world,,2026-01-31,4.5,percent,true\n", "", ""},
		"another order":     {"\ufeffvalue;study;subject;measure;segment;period_start;period_end;unit;estimate\n4,5;A;B;c;FR;2025-01-01;2026-01-31;percent;\n", "", ""},
		"empty":             {"", NoRows, ""},
		"a text of a book":  {head + strings.Repeat("x", 300_000) + ",B,c,world,,2026-01-31,4.5,percent,true\n", BadText, ""},
		"a long text":       {head + strings.Repeat("é", 30_000) + ",B,c,world,,2026-01-31,4.5,percent,true\n", BadText, strings.Repeat("é", maxText) + "…"},
		"too many columns":  {head + strings.Repeat("a,", 10_000) + "\n", TooWide, ""},
		"a line for ever":   {head + strings.Repeat("a,", 10<<20), TooWide, ""},
		"header alone":      {head, NoRows, ""},
		"column missing":    {"study,subject\nA,B\n", BadHeader, "measure"},
		"no study":          {head + ",B,c,world,,2026-01-31,4,percent,true\n", BadText, ""},
		"date of a state":   {head + "A,B,c,world,,31/01/2026,4,percent,true\n", BadDate, "31/01/2026"},
		"end before start":  {head + "A,B,c,world,2026-02-01,2026-01-31,4,percent,true\n", BadDate, "2026-01-31"},
		"value with a unit": {head + "A,B,c,world,,2026-01-31,4 %,percent,true\n", BadValue, "4 %"},
		"not a number":      {head + "A,B,c,world,,2026-01-31,NaN,percent,true\n", BadValue, "NaN"},
		"flag":              {head + "A,B,c,world,,2026-01-31,4,percent,perhaps\n", BadFlag, "perhaps"},
		"short line":        {head + "A,B\n", BadText, ""},
		"the same twice":    {head + "A,B,c,world,,2026-01-31,4,percent,true\nA,B,c,world,,2026-01-31,5,percent,true\n", Twice, "5"},
		"a column twice":    {strings.Replace(head, "\n", ",Value\n", 1) + "A,B,c,world,,2026-01-31,4,percent,true,5\n", Twice, "value"},
		"quote":             {head + "A,\"B,c\n", BadLine, ""},
	} {
		f, err := Read(strings.NewReader(c.file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch {
		case c.key == "" && (len(f.Errors) > 0 || len(f.Rows) != 1 || f.Rows[0].Value != 4.5):
			t.Errorf("%s: %+v", name, f)
		case c.key != "" && (len(f.Errors) == 0 || f.Errors[0].Key != c.key || f.Errors[0].Text != c.text):
			t.Errorf("%s: %+v, want %s %q", name, f.Errors, c.key, c.text)
		}
	}
}

// What Read takes, Write writes so that Read takes it again.
func FuzzRead(f *testing.F) {
	src, err := os.ReadFile("data/article.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	f.Add([]byte("study;subject;measure;segment;period_start;period_end;value;unit;estimate\nA;B;c;d;;2026-01-01;1,5;percent;TRUE\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Read(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Rows) == 0 {
			return
		}
		again, err := Read(bytes.NewReader(Write(file.Rows)))
		if err != nil || len(again.Errors) > 0 {
			t.Fatalf("%v %+v", err, again)
		}
		if diff := cmp.Diff(file.Rows, again.Rows); diff != "" {
			t.Error(diff)
		}
	})
}
