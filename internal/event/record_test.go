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
	for _, entry := range Entries() {
		facts := entry.List()
		facts.Example(1)
		f.Add(string(facts.AppendRecord(nil, 0)))
	}
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
		for _, entry := range Entries() {
			facts, again := entry.List(), entry.List()
			if facts.Add(rec) != nil {
				continue
			}
			if err := again.Add(string(facts.AppendRecord(nil, 0))); err != nil || string(again.AppendRecord(nil, 0)) != string(facts.AppendRecord(nil, 0)) {
				t.Fatalf("%s that decode must survive encoding: %v", entry.Name, err)
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
