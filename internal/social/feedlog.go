package social

import (
	"bufio"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/enrich"
	"github.com/earshot-analytics/earshot/internal/event"
)

// Nobody counts a feed's followers, but its readers request the feed. Services
// that fetch it once for many readers say in their User-Agent for how many
// ("Feedly/1.0 (…; 462 subscribers; …)"); reader apps on a person's own device
// fetch it themselves. internal/enrich says which User-Agents those are. A
// day's count is the sum, over the services, of the highest number that each
// named that day, plus one for each reader that named none. Somebody with two
// devices counts twice: counts are marked as rounded.
//
// The log is in the combined format, as nginx, Apache and Caddy's plugin write
// it. Addresses are compared within a day and never stored.

var (
	logLine     = regexp.MustCompile(`^(\S+) \S+ .*?\[(\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "(?:GET|HEAD) (\S+)[^"]*" (\d{3}) \S+ "[^"]*" "((?:[^"\\]|\\.)*)"`)
	subscribers = regexp.MustCompile(`(?i)\b(\d{1,9}) (?:subscribers?|readers?|users?)\b`)
	digits      = regexp.MustCompile(`[0-9]+`)
	feedID      = regexp.MustCompile(`(?i)feed-?id[=:] ?([\w-]+)`)
)

// FeedOptions say which feed's readers are counted.
type FeedOptions struct {
	Site     uint32
	Location *time.Location // the site's: its days are counted
	Paths    []string       // of the feed: "/feed.xml"
	Account  string         // what its readings are stored under
	Now      time.Time      // its day is not over and is left out
}

// ErrNoLog is the error of a file that is no access log.
var ErrNoLog = errors.New("no line of the file is one of an access log in the combined format")

// ErrManyReaders is the error of a log with more readers than maxReaders.
var ErrManyReaders = errors.New("the log has too many readers: split it by days")

// mostReaders bounds the memory that a log takes: one entry of some 30 bytes
// per reader or service and day.
const mostReaders = 5_000_000

var maxReaders = mostReaders // a test has less

// ReadFeedLog counts the readers of a feed for each whole day of an access log.
// Lines about other requests are skipped; a file without a single line in the
// format is an error.
func ReadFeedLog(r io.Reader, o FeedOptions) ([]event.FollowerCount, error) {
	agents, err := enrich.NewAgents(enrich.Options{})
	if err != nil {
		return nil, err
	}
	type day struct {
		services map[uint64]uint64   // by a hash of name and feed: the highest number
		readers  map[uint64]struct{} // by a hash of address and User-Agent
	}
	days := map[time.Time]*day{}
	seed, seen := maphash.MakeSeed(), 0
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	known := false
	for in.Scan() {
		m := logLine.FindStringSubmatch(in.Text())
		if m == nil {
			continue
		}
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", m[2])
		if err != nil {
			continue
		}
		known = true
		target, err := url.ParseRequestURI(m[3])
		if err != nil || !slices.Contains(o.Paths, target.Path) || (m[4] != "200" && m[4] != "304") {
			continue
		}
		noon := noon(at.In(o.Location))
		d := days[noon]
		if d == nil {
			d = &day{map[uint64]uint64{}, map[uint64]struct{}{}}
			days[noon] = d
		}
		agent := m[5]
		if n := subscribers.FindStringSubmatch(agent); n != nil {
			count, err := strconv.ParseUint(n[1], 10, 32)
			if err != nil {
				continue
			}
			// What is left without the numbers names the service, also within
			// "Mozilla/5.0 (compatible; …)" and where its count changes that day.
			name := digits.ReplaceAllString(subscribers.ReplaceAllString(agent, ""), "")
			if id := feedID.FindStringSubmatch(agent); id != nil {
				name += " " + id[1]
			}
			name += " " + target.Path
			key := maphash.String(seed, name)
			if _, known := d.services[key]; !known {
				seen++
			}
			d.services[key] = max(d.services[key], count)
		} else if agent != "-" && agents.Agent(agent).Bot.ReadsFeeds() {
			key := maphash.String(seed, m[1]+" "+agent)
			if _, known := d.readers[key]; !known {
				seen++
				d.readers[key] = struct{}{}
			}
		}
		if seen > maxReaders {
			return nil, ErrManyReaders
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if !known {
		return nil, ErrNoLog
	}
	var counts []event.FollowerCount
	for at, d := range days {
		if !at.Before(noon(o.Now.In(o.Location))) {
			continue
		}
		n := uint64(len(d.readers))
		for _, s := range d.services {
			n += s
		}
		counts = append(counts, event.FollowerCount{
			Site: o.Site, Time: at.UTC(), Network: "rss", Account: o.Account, Followers: n, Rounded: true, Origin: event.OriginImport,
		})
	}
	slices.SortFunc(counts, func(a, b event.FollowerCount) int { return a.Time.Compare(b.Time) })
	return counts, nil
}

// noon is the noon of t's day: the time given to a reading of which only the
// day is known.
func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, t.Location())
}
