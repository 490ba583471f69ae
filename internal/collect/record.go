package collect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/forwarded"
)

// hit is an event as it was sent, and by whom.
type hit struct {
	payload   payload
	userAgent string
	addr      netip.Addr
	optOut    bool
	token     *Token // of who sent it for the reader; nil = the reader
}

// hitOutcome of a hit that was valid.
type hitOutcome struct {
	taken   int // recorded, for so many sites
	dropped int // sites that it is left out of: on purpose, unknown, or at their limit beside others
	foreign int // for so many sites that the token doesn't open
}

// record checks a hit and spools its event for each of its sites.
func (c *Collector) record(ctx context.Context, h *hit, buf *buffers) (out hitOutcome, bad problems, err error) {
	now := c.o.Now()
	if !h.payload.nameClick() {
		return out, nil, nil
	}
	e, bad := c.check(&h.payload)
	if bad != nil {
		return out, bad, nil
	}
	e.Time = now
	out, bad, err = c.place(ctx, now, h, &e, buf, c.countLeftOut)
	if bad != nil || err != nil || out.taken == 0 {
		return out, bad, err
	}
	return out, nil, c.o.Spool.Append(ctx, buf.records()...)
}

// place enriches an event and adds it to buf for each of its sites. left is
// told what is left out.
func (c *Collector) place(ctx context.Context, now time.Time, h *hit, e *event.Event, buf *buffers,
	left func(site uint32, at time.Time, reason, agent string)) (out hitOutcome, bad problems, err error) {
	salts, err := c.salts.get(ctx, now)
	if err != nil {
		return out, nil, err
	}
	salt, before := salts.of(e.Time)
	domains, err := c.domains(&h.payload)
	if err != nil {
		bad.add("domain", err.Error())
		return out, bad, nil
	}
	var (
		seen    [maxDomains]uint32 // the sites so far
		n       int
		unknown string
		other   int   // sites that are not known, or at their limit
		limited error // the limit that one was at
		props   = e.Props
	)
	for domain := range strings.SplitSeq(domains, ",") {
		domain = normalDomain(domain)
		site, known, err := c.o.Sites.Site(ctx, domain)
		if err != nil {
			return out, nil, fmt.Errorf("look up site: %w", err)
		}
		if h.token != nil && !h.token.opens(site.ID, known) {
			out.foreign++
			continue
		}
		if !known {
			unknown = domain
			other++
			continue
		}
		if slices.Contains(seen[:n], site.ID) {
			continue // named twice
		}
		seen[n] = site.ID
		n++
		if h.optOut && site.RespectOptOut {
			left(site.ID, e.Time, event.LeftExclude, "")
			out.dropped++
			continue
		}
		rules := site.PageRules
		rules.HashMode = rules.HashMode || h.payload.hashMode
		page, err := c.o.Enricher.Page(enrich.Hit{
			URL: h.payload.url, Domain: domain, Referrer: h.payload.referrer, UserAgent: h.userAgent, Addr: h.addr,
			TimeZone: h.payload.timeZone, PageRules: rules,
		})
		if err != nil {
			bad.add("url", problemOfURL(err))
			return out, bad, nil
		}
		if reason, agent := page.LeftOut(); reason != "" {
			left(site.ID, e.Time, reason, agent)
			out.dropped++
			continue
		}
		page.Fill(e)
		e.Site, e.Props = site.ID, withSearch(props, e.Name, page.Search)
		e.Visitor, e.VisitorBefore = visitorHash(salt, site.ID, h.addr, h.userAgent), 0
		if before != nil {
			e.VisitorBefore = visitorHash(before, site.ID, h.addr, h.userAgent)
		}
		// Of a batch the writer decides: what comes late may join a visit then.
		may, begins := c.visitors.note(e)
		if !may && h.token == nil {
			c.m.leftOut.WithLabelValues(withoutVisit).Inc()
			out.dropped++
			continue
		}
		if h.token == nil {
			err := c.limits.event(h.addr, e, now)
			if err == nil && begins {
				if err = c.limits.visit(h.addr, now); err != nil {
					c.visitors.unnote(e)
				}
			}
			if err != nil {
				limited = err
				other++
				continue
			}
		}
		buf.add(e)
		out.taken++
	}
	switch {
	case limited != nil && out.taken == 0:
		return out, nil, limited
	case out.taken+out.dropped > 0:
		out.dropped += other
	case out.foreign > 0:
		bad.add("domain", "this token is not for this site")
	default:
		bad.add("domain", fmt.Sprintf("%s is not a site here: add it in Earshot, or check data-site in the snippet", unknown))
	}
	return out, bad, nil
}

// reader is the address that a single event or a pixel comes from. What is
// wrong with how such addresses come is noted.
func (c *Collector) reader(r *http.Request) netip.Addr {
	addr, how := forwarded.Reader(r, c.o.TrustedProxies)
	if how != forwarded.Local || !ofLocalPage(r.Header) {
		c.proxies.note(how, addr, c.o.Now(), c.o.Log)
	}
	return addr
}

func (c *Collector) countLeftOut(site uint32, now time.Time, reason, agent string) {
	c.left.add(site, now, reason, agent)
	c.m.leftOut.WithLabelValues(reason).Inc()
}

// withoutVisit is the reason, in the metrics alone, of an engagement whose
// reader is on no visit.
const withoutVisit = "no_visit"

const maxDomains = 20 // sites that one event may go to

// domains is the comma list that was sent, or the page's host.
func (c *Collector) domains(p *payload) (string, error) {
	if strings.Trim(p.domain, " ,") != "" {
		if strings.Count(p.domain, ",") >= maxDomains {
			return "", fmt.Errorf("should be at most %d sites", maxDomains)
		}
		return p.domain, nil
	}
	u, err := enrich.ParsePage(p.url)
	if err != nil {
		return "", errors.New("can't be blank where the URL has no host")
	}
	return u.Hostname(), nil
}

func normalDomain(d string) string {
	d = enrich.ASCIIHost(strings.ToLower(strings.TrimSpace(d)))
	return strings.TrimPrefix(strings.TrimSuffix(d, "."), "www.")
}

// optedOut tells whether the reader asks not to be tracked: Global Privacy
// Control or Do-Not-Track.
func optedOut(h http.Header) bool {
	return headerIsOne(h, "Sec-Gpc") || headerIsOne(h, "Dnt")
}

func headerIsOne(h http.Header, key string) bool {
	v := h[key]
	return len(v) > 0 && strings.TrimSpace(v[0]) == "1"
}
