package collect

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
)

// problems are what is wrong with an event, by field, as Plausible answers
// them: {"errors": {"url": ["is required"]}}.
type problems map[string][]string

func (p *problems) add(field, what string) {
	if *p == nil {
		*p = problems{}
	}
	(*p)[field] = append((*p)[field], what)
}

var shareKinds = map[string]bool{"link": true, "native": true, "copy": true, "button": true, "window": true, "manual": true}

// The share networks that are no networks: ways to share without one.
var shareWays = map[string]bool{"copy": true, "native": true, "email": true, "print": true, "other": true}

const (
	maxNetwork  = 100
	maxDecimals = 3 // of revenue
)

// check turns a payload into an event without its site, time, visitor and
// enrichment.
func (c *Collector) check(p *payload) (e event.Event, bad problems) {
	e.Name = clean(p.name)
	switch {
	case e.Name == "":
		bad.add("event_name", "is required")
	case utf8.RuneCountInString(e.Name) > event.MaxName:
		bad.add("event_name", fmt.Sprintf("should be at most %d character(s)", event.MaxName))
	}
	switch {
	case p.url == "":
		bad.add("url", "is required")
	case isDataURL(p.url):
		bad.add("url", "scheme is not allowed")
	}
	for _, prop := range p.props {
		if len(prop.Key) > event.MaxPropKey || len(prop.Value) > event.MaxPropValue {
			bad.add("props", fmt.Sprintf("keys should have at most %d bytes and values %d", event.MaxPropKey, event.MaxPropValue))
			break
		}
	}
	e.Props, e.Passive = p.props, p.passive
	switch e.Name {
	case event.Engagement:
		checkEngagement(p, &e, &bad)
	case event.Share:
		c.checkShare(p, &e, &bad)
	}
	if e.Name != event.Engagement && e.Name != event.Share {
		e.RevenueCurrency, e.RevenueAmount = plainRevenue(p.currency, p.amount)
	}
	return e, bad
}

// problemOfURL says what is wrong with a page's address.
func problemOfURL(err error) string {
	if errors.Is(err, enrich.ErrLong) {
		return fmt.Sprintf("should be at most %d byte(s) without its query", event.MaxURL)
	}
	return "is not the URL of a page: https://…, or a path of the site that begins with /"
}

// withSearch adds the words of a search to a page view's properties, unless
// its sender named them or has as many as are kept.
func withSearch(props []event.Prop, name, words string) []event.Prop {
	if words == "" || name != event.Pageview || len(props) >= event.MaxProps ||
		slices.ContainsFunc(props, func(p event.Prop) bool { return p.Key == event.SearchProp }) {
		return props
	}
	return append(slices.Clip(props), event.Prop{Key: event.SearchProp, Value: words})
}

func isDataURL(u string) bool {
	scheme, _, ok := strings.Cut(strings.TrimSpace(u), ":")
	return ok && strings.EqualFold(scheme, "data")
}

// checkEngagement takes time and depth. Depth is clamped to 0–100; a time
// that can't be is as good as none.
func checkEngagement(p *payload, e *event.Event, bad *problems) {
	if !math.IsNaN(p.scroll) {
		e.HasScroll, e.ScrollDepth = true, uint8(min(max(p.scroll, 0), 100))
	}
	limit := float64(event.MaxEngaged / time.Millisecond)
	timed := p.engaged >= 0 && p.engaged < limit // false for NaN
	if timed {
		e.EngagedMS = uint32(p.engaged)
	}
	if !timed && !e.HasScroll {
		bad.add("event_name", "engagement needs sd (0 to 100) or e (milliseconds, below 30 days)")
	}
}

func (c *Collector) checkShare(p *payload, e *event.Event, bad *problems) {
	switch {
	case !p.share:
		bad.add("sh", "is required for a share")
		return
	case !enrich.ValidShareID(p.shareID):
		bad.add("sh.i", "is not a share ID: the generation in base 36, then nine letters or digits")
	case p.shareOf != "" && !enrich.ValidShareID(p.shareOf):
		bad.add("sh.p", "is not a share ID")
	case p.shareOf == p.shareID:
		bad.add("sh.p", "is the share itself")
	}
	if !shareKinds[p.shareKind] {
		bad.add("sh.k", "is none of link, native, copy, button, window, manual")
	}
	e.ShareID, e.ShareKind, e.ShareParent = p.shareID, p.shareKind, p.shareOf
	e.ShareNetwork = "other"
	via := strings.ToLower(clean(p.shareVia))
	if shareWays[via] {
		e.ShareNetwork = via
	} else if via == "" || len(via) > maxNetwork {
		bad.add("sh.n", "is required: a network, copy, native or email")
	} else if key, ok := c.o.Enricher.NormalizeNetwork(via); ok {
		e.ShareNetwork = key
	}
}

// plainRevenue gives an amount as a plain decimal that the table takes, with at
// most three places. A currency that ISO 4217 doesn't have and an amount that
// is no number or out of bounds leave the event without revenue, as Plausible
// does: the event itself counts.
func plainRevenue(currency, amount string) (string, string) {
	currency = strings.ToUpper(currency)
	if !event.ValidCurrency(currency) || len(amount) > event.MaxAmountText {
		return "", ""
	}
	n := toNumber(amount)
	if math.IsNaN(n) || math.Abs(n) >= event.MaxRevenue {
		return "", ""
	}
	// A plain decimal keeps its digits; 1e3 goes by way of the number.
	if strings.Trim(amount, "-0123456789.") != "" || strings.HasPrefix(amount, ".") || strings.HasSuffix(amount, ".") {
		amount = strconv.FormatFloat(n, 'f', maxDecimals, 64)
	}
	if whole, places, ok := strings.Cut(amount, "."); ok {
		places = strings.TrimRight(places[:min(maxDecimals, len(places))], "0")
		if amount = whole; places != "" {
			amount += "." + places
		}
	}
	return currency, amount
}
