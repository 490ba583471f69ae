package forwarded

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestReader(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		name, peer string
		lines      []string
		want       string
		how        How
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9", Direct},
		{"a stranger's header", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9", Direct},
		{"a proxy", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1", Header},
		{"two proxies", "10.0.0.1:1", []string{"198.51.100.1, 10.2.3.4"}, "198.51.100.1", Header},
		{"a forged first hop", "10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1", Header},
		{"several lines", "10.0.0.1:1", []string{"1.2.3.4", "198.51.100.1,10.9.9.9"}, "198.51.100.1", Header},
		{"only proxies", "10.0.0.1:1", []string{"10.2.3.4"}, "10.2.3.4", Header},
		{"rubbish behind a proxy", "10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1", Bare},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1", Bare},
		{"empty elements", "10.0.0.1:1", []string{", 198.51.100.1, ,10.2.3.4,", " "}, "198.51.100.1", Header},
		{"nothing but them", "10.0.0.1:1", []string{"", " , "}, "10.0.0.1", Bare},
		{"an empty line before", "10.0.0.1:1", []string{"", "198.51.100.1"}, "198.51.100.1", Header},
		{"IPv6", "[::1]:1", []string{"2001:db8::7"}, "2001:db8::7", Header},
		{"IPv6 with a port", "[::1]:1", []string{"[2001:db8::7]:443"}, "2001:db8::7", Header},
		{"IPv6 in brackets", "[::1]:1", []string{"[2001:db8::7]"}, "2001:db8::7", Header},
		{"in quotes too", "[::1]:1", []string{`"[2001:db8::7]:443", "[2001:db8::8]" , ::1`}, "2001:db8::8", Header},
		{"IPv4 with a port", "10.0.0.1:1", []string{"198.51.100.1:50000"}, "198.51.100.1", Header},
		{"IPv6 with a zone", "[::1]:1", []string{"[fe80::1%eth0]:80"}, "fe80::1", Header},
		{"half a bracket", "10.0.0.1:1", []string{"198.51.100.1, [2001:db8::7"}, "10.0.0.1", Bare},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1", Header},
		{"a Unix socket", "@", []string{"198.51.100.1"}, "invalid IP", Direct},
		{"a proxy that nobody named", "172.17.0.1:1", []string{"198.51.100.1"}, "172.17.0.1", Unnamed},
		{"one on this machine", "127.0.0.1:1", []string{"198.51.100.1"}, "127.0.0.1", Unnamed},
		{"this machine", "127.0.0.1:1", nil, "127.0.0.1", Local},
		{"a reader at home", "192.168.1.7:1", nil, "192.168.1.7", Direct},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.lines
		if c.lines == nil {
			delete(r.Header, "X-Forwarded-For")
		}
		if got, how := Reader(r, trusted); got.String() != c.want || how != c.how {
			t.Errorf("%s: %s, %d, want %s, %d", c.name, got, how, c.want, c.how)
		}
	}
	for _, key := range []string{"X-Real-Ip", "Forwarded"} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = "127.0.0.1:1"
		r.Header.Set(key, "for=198.51.100.1")
		if got, how := Reader(r, nil); got.String() != "127.0.0.1" || how != Unnamed {
			t.Errorf("%s: %s, %d", key, got, how)
		}
	}
}

func FuzzParseAddr(f *testing.F) {
	for _, s := range []string{"198.51.100.1", "[::1]", `"[::1]:80"`, "", "[", "a:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := ParseAddr(s); ok && (!a.IsValid() || a.Zone() != "" || a.Is4In6()) {
			t.Errorf("%q is %v", s, a)
		}
	})
}
