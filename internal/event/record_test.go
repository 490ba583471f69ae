package event

import (
	"reflect"
	"testing"
	"time"
)

func fullEvent() Event {
	return Event{
		Site: 7, Time: time.UnixMilli(1795400000123).UTC(), Name: Share, Visitor: 1<<63 + 5, VisitorBefore: 9,
		Hostname: "example.com", Path: "/é", Referrer: "t.co/x", Source: "X", Medium: "social", Channel: "Organic Social",
		UTMSource: "a", UTMMedium: "b", UTMCampaign: "c", UTMContent: "d", UTMTerm: "e",
		Country: "FR", Device: "Mobile", Browser: "Firefox", BrowserVersion: "141", OS: "Android", OSVersion: "16",
		ViaShare: "1abcdefghi", ViaParent: "3abcdefghi", ShareID: "2abcdefghi", ShareNetwork: "x", ShareKind: "link", ShareParent: "1abcdefghi",
		Late: 90000, EngagedMS: 70000, ScrollDepth: 100, HasScroll: true, Passive: true,
		Props: []Prop{{"k", "v"}, {"", ""}}, RevenueCurrency: "EUR", RevenueAmount: "12.5",
	}
}

func TestEventRecordKeepsEveryField(t *testing.T) {
	for name, e := range map[string]Event{"full": fullEvent(), "zero": {Time: time.UnixMilli(0).UTC()}} {
		rec := string(AppendEvent(nil, &e))
		var got Event
		if err := DecodeEvent(rec, &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, e) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, e)
		}
		if RecordKind(rec) != KindEvent {
			t.Errorf("%s: kind %d", name, RecordKind(rec))
		}
	}
	// A field that is added to Event and not to the record shows here.
	v := reflect.ValueOf(fullEvent())
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test's event has no %s", v.Type().Field(i).Name)
		}
	}
}

func TestOtherRecords(t *testing.T) {
	l := LeftOut{Site: 3, Time: time.UnixMilli(60000).UTC(), Reason: LeftBot, Agent: "Googlebot", Count: 12}
	if got, err := DecodeLeftOut(string(AppendLeftOut(nil, l))); err != nil || got != l {
		t.Errorf("left out: %+v %v", got, err)
	}
	n, m := uint64(0), uint64(5)
	for _, f := range []FollowerCount{
		{Site: 1, Time: time.UnixMilli(1).UTC(), Network: "mastodon", Account: "@a@b", Followers: 8, Following: &n, Posts: &m, Origin: OriginPoll, Rounded: true},
		{Site: 1, Time: time.UnixMilli(1).UTC(), Network: "x", Account: "b", Followers: 8, Origin: OriginImport},
	} {
		if got, err := DecodeFollowerCount(string(AppendFollowerCount(nil, f))); err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("follower count: %+v %v", got, err)
		}
	}
	for _, i := range []Insight{
		{Site: 7, Day: time.UnixMilli(86400000).UTC(), Network: "x", Account: "é", Name: "reach", Value: -0.125, Origin: "import:1"},
		{Day: time.UnixMilli(0).UTC()},
	} {
		if got, err := DecodeInsight(string(AppendInsight(nil, i))); err != nil || got != i {
			t.Errorf("%+v came back as %+v, %v", i, got, err)
		}
	}
	post := PostFigures{
		Site: 1, Time: time.UnixMilli(2).UTC(), Network: "x", Account: "b", Post: "18", Published: time.UnixMilli(1).UTC(),
		URL: "https://x.com/b/status/18", Text: "é 🦣 שלום", Page: "/é", ShareID: "1abcdefghi",
		Likes: &m, Comments: &n, Reposts: &m, Views: &m,
	}
	some := post
	some.Likes, some.Reposts, some.Views, some.Origin = nil, nil, &n, "import:7"
	for _, p := range []PostFigures{post, some, {Time: time.UnixMilli(0).UTC(), Published: time.UnixMilli(0).UTC()}} {
		if got, err := DecodePostFigures(string(AppendPostFigures(nil, p))); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("post figures: %+v %v", got, err)
		}
	}
}

func TestReceiptRecordKeepsEveryField(t *testing.T) {
	r := Receipt{Key: [16]byte{1, 15: 2}, Nonce: 1<<63 + 1, Time: time.UnixMilli(1795400000123).UTC(),
		Records: 10_000, Accepted: 9_998, Dropped: 1, Errors: `[{"index":3}]`}
	if got, err := DecodeReceipt(string(AppendReceipt(nil, &r))); err != nil || got != r {
		t.Errorf("%+v %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	e := fullEvent()
	f.Add(string(AppendEvent(nil, &e)))
	f.Add(string(AppendLeftOut(nil, LeftOut{Reason: LeftAI})))
	f.Add(string(AppendFollowerCount(nil, FollowerCount{Followers: 1 << 60})))
	f.Add(string(AppendInsight(nil, Insight{Name: "reach", Value: 1})))
	f.Add(string(AppendPostFigures(nil, PostFigures{Text: "a", Views: new(uint64), Origin: OriginImport})))
	f.Add(string(AppendReceipt(nil, &Receipt{Records: 1})))
	f.Add("")
	f.Fuzz(func(t *testing.T, rec string) {
		var e Event
		if DecodeEvent(rec, &e) == nil {
			var again Event
			if err := DecodeEvent(string(AppendEvent(nil, &e)), &again); err != nil || !reflect.DeepEqual(e, again) {
				t.Fatalf("an event that decodes must survive encoding: %v", err)
			}
		}
		_, _ = DecodeReceipt(rec)
		_, _ = DecodeLeftOut(rec)
		_, _ = DecodeFollowerCount(rec)
		_, _ = DecodeInsight(rec)
		if p, err := DecodePostFigures(rec); err == nil {
			again, err := DecodePostFigures(string(AppendPostFigures(nil, p)))
			if err != nil || !reflect.DeepEqual(p, again) {
				t.Fatalf("a post that decodes must survive encoding: %v", err)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	e := fullEvent()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendEvent(buf[:0], &e)
		var got Event
		if err := DecodeEvent(string(buf), &got); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(buf)))
}
