package collect

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
)

// payload is an event as it was sent: Plausible's wire format, and a share.
// Texts are as they came, not checked yet.
type payload struct {
	name, url, domain, referrer, timeZone string
	link                                  string // a click on this address, in the place of a name

	hashMode bool
	passive  bool
	props    []event.Prop

	engaged, scroll    float64 // NaN where not sent
	currency, amount   string
	share              bool // sh was sent
	shareID, shareVia  string
	shareKind, shareOf string

	// Of events in batches alone.
	timestamp, addr, userAgent string
	optOut                     bool
}

// Keys have a short and a long form; where both are sent, the short one counts.
type field byte

const (
	fName field = iota
	fURL
	fDomain
	fReferrer
	fHash
	fInteractive
	fProps
	fRevenue
	fScroll
	fEngaged
	fTimeZone
	fShare
	fTimestamp
	fAddr
	fUserAgent
	fOptOut
	fLink
	fields
)

// keys gives for each key its field and its rank among the field's keys.
func keyOf(key string) (f field, rank byte, ok bool) {
	switch key {
	case "n":
		return fName, 2, true
	case "name":
		return fName, 1, true
	case "u":
		return fURL, 2, true
	case "url":
		return fURL, 1, true
	case "d":
		return fDomain, 2, true
	case "domain":
		return fDomain, 1, true
	case "r":
		return fReferrer, 2, true
	case "referrer":
		return fReferrer, 1, true
	case "h":
		return fHash, 2, true
	case "hashMode":
		return fHash, 1, true
	case "i":
		return fInteractive, 2, true
	case "interactive":
		return fInteractive, 1, true
	case "m":
		return fProps, 4, true
	case "meta":
		return fProps, 3, true
	case "p":
		return fProps, 2, true
	case "props":
		return fProps, 1, true
	case "$":
		return fRevenue, 2, true
	case "revenue":
		return fRevenue, 1, true
	case "sd":
		return fScroll, 1, true
	case "e":
		return fEngaged, 1, true
	case "tz":
		return fTimeZone, 1, true
	case "sh":
		return fShare, 1, true
	case "timestamp":
		return fTimestamp, 1, true
	case "ip":
		return fAddr, 1, true
	case "user_agent":
		return fUserAgent, 1, true
	case "opt_out":
		return fOptOut, 1, true
	case "l":
		return fLink, 1, true
	}
	return 0, 0, false
}

// parsePayload reads an event. ok is false where body is not one JSON object.
func parsePayload(body string) (p payload, ok bool) {
	s := scanner{s: body}
	p = readPayload(&s)
	s.peek()
	return p, !s.bad && s.i == len(body)
}

// readPayload reads the event that comes next.
func readPayload(s *scanner) (p payload) {
	p.engaged, p.scroll = math.NaN(), math.NaN()
	var ranks [fields]byte
	s.object(func(key string) {
		f, rank, known := keyOf(key)
		if !known || rank < ranks[f] {
			s.skip()
			return
		}
		if p.read(s, f) {
			ranks[f] = rank
		}
	})
	return p
}

// read takes the value of a field, and says whether it was of use.
func (p *payload) read(s *scanner, f field) bool {
	switch f {
	case fProps:
		return p.readProps(s)
	case fRevenue:
		return p.readRevenue(s)
	case fShare:
		return p.readShare(s)
	}
	v, k := s.scalar()
	if k == null || k == other {
		return false
	}
	switch f {
	case fHash:
		p.hashMode = v == "1" || v == "true"
		return true
	case fInteractive:
		p.passive = v == "false"
		return true
	case fScroll:
		p.scroll = toNumber(v)
		return true
	case fEngaged:
		p.engaged = toNumber(v)
		return true
	case fTimestamp:
		p.timestamp = v
		return true
	case fOptOut:
		p.optOut = v == "true" || v == "1"
		return true
	}
	if f == fName {
		p.name = v // of a number or a boolean, as it is written
		return true
	}
	if k != text {
		return false
	}
	switch f {
	case fURL:
		p.url = v
	case fDomain:
		p.domain = v
	case fReferrer:
		p.referrer = v
	case fTimeZone:
		p.timeZone = v
	case fLink:
		p.link = v
	case fAddr:
		p.addr = v
	case fUserAgent:
		p.userAgent = v
	}
	return true
}

// nameClick gives a click on a link, as the snippet sends it, the name and the
// property of the event that it is. It is false where the click is none.
func (p *payload) nameClick() bool {
	if p.name != "" || p.link == "" {
		return true
	}
	p.name = enrich.Click(p.url, p.link)
	link := clean(p.link)
	p.props = []event.Prop{{Key: "url", Value: strings.ToValidUTF8(link[:min(len(link), event.MaxPropValue)], "")}}
	return p.name != ""
}

func toNumber(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// readProps takes the first 30 scalars of an object.
func (p *payload) readProps(s *scanner) bool {
	return s.objectOrText(func(s *scanner) bool {
		props := readMembers(s)
		if s.bad {
			return false
		}
		p.props = props
		return true
	})
}

// objectOrText has read take an object, or a text that holds one, as clients
// send what they have encoded twice. It says whether read was content.
func (s *scanner) objectOrText(read func(*scanner) bool) bool {
	switch s.peek() {
	case '"':
		inner := scanner{s: s.text()}
		if inner.peek() != '{' || !whole(inner) {
			return false
		}
		return read(&inner)
	case '{':
		return read(s)
	}
	s.skip()
	return false
}

// whole says that a text is one JSON value and nothing after it.
func whole(s scanner) bool {
	s.skip()
	s.peek()
	return !s.bad && s.i == len(s.s)
}

func readMembers(s *scanner) (props []event.Prop) {
	s.object(func(key string) {
		v, k := s.scalar()
		key, v = clean(key), clean(v)
		if k == null || k == other || key == "" || v == "" {
			return
		}
		for i := range props {
			if props[i].Key == key {
				props[i].Value = v
				return
			}
		}
		if len(props) < event.MaxProps {
			props = append(props, event.Prop{Key: key, Value: v})
		}
	})
	return props
}

// readRevenue takes an object of currency and amount.
func (p *payload) readRevenue(s *scanner) bool {
	return s.objectOrText(func(s *scanner) bool {
		p.currency, p.amount = "", ""
		s.object(func(key string) {
			v, k := s.scalar()
			switch {
			case key == "currency" && k == text:
				p.currency = v
			case key == "amount" && (k == text || k == number):
				p.amount = v
			}
		})
		return true
	})
}

func (p *payload) readShare(s *scanner) bool {
	if s.peek() != '{' {
		s.skip()
		return false
	}
	p.share = true
	s.object(func(key string) {
		v, k := s.scalar()
		if k != text {
			return
		}
		switch key {
		case "i":
			p.shareID = v
		case "n":
			p.shareVia = v
		case "k":
			p.shareKind = v
		case "p":
			p.shareOf = v
		}
	})
	return true
}

// clean makes a text fit to store: no control characters, no space around.
// The scanner has made it valid UTF-8.
func clean(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			s = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, s)
			break
		}
	}
	return strings.TrimSpace(s)
}
