package social

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
)

// A follower history is a CSV file with the columns date, network, account,
// followers and, where known, following, posts and rounded, in any order; separated by
// commas, semicolons or tabs; in UTF-8, with or without a byte-order mark.
// Dates are 2026-01-31, 2026-01-31 14:30 (the site's time zone), an RFC 3339
// time, or 31/01/2026 where the file itself shows which number is the day. A
// date without a time is that day's noon. The same file again changes nothing.

const (
	// MaxHistoryRows bounds one file; a longer history goes in several.
	MaxHistoryRows = 1_000_000
	// MaxHistoryErrors is how many bad lines are named before reading stops.
	MaxHistoryErrors = 100
)

// History is what a file holds.
type History struct {
	Counts   []event.FollowerCount
	Accounts []string // "mastodon @alice@example.social", in order
	From, To time.Time
	Errors   []LineError
}

// LineError says what is wrong with a line, as a key with its values: the
// pages and the command line have the sentence under "history.<key>".
type LineError struct {
	Line int // 1 = the header
	Key  string
	Text string // what stands there
}

func (e LineError) Error() string { return fmt.Sprintf("line %d: %s: %q", e.Line, e.Key, e.Text) }

// Keys of a LineError.
const (
	BadHeader  = "header"    // a column is missing; Text names it
	BadLine    = "line"      // not CSV, or too few columns
	BadDate    = "date"      // no date in a form that we know
	Ambiguous  = "ambiguous" // a date whose day and month can't be told apart
	FutureDate = "future"
	BadNetwork = "network"
	BadAccount = "account"
	BadCount   = "count" // not a whole number of 0 or more
	TooLong    = "long"  // more than MaxHistoryRows rows
	NoRows     = "empty"
)

// HistoryOptions say whose history it is.
type HistoryOptions struct {
	Site     uint32
	Location *time.Location // the site's
	Now      time.Time
	// Network turns a network's name, as people write it, into its key.
	Network func(name string) (key string, ok bool)
}

type rawRow struct {
	line                                                     int
	date, network, account, count, following, posts, rounded string
}

// ReadHistory reads a file whole. Bad lines are in History.Errors and the good
// ones in Counts: whether to take the good without the bad is the caller's
// choice. The error is of the reader alone.
func ReadHistory(r io.Reader, o HistoryOptions) (*History, error) {
	h := &History{}
	rows, err := h.split(r)
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	order := dateOrder(rows)
	accounts := map[string]bool{}
	for _, row := range rows {
		count, bad := row.parse(o, order)
		if bad != nil {
			if h.fail(*bad) {
				break
			}
			continue
		}
		h.Counts = append(h.Counts, count)
		accounts[count.Network+" "+count.Account] = true
		if h.From.IsZero() || count.Time.Before(h.From) {
			h.From = count.Time
		}
		if count.Time.After(h.To) {
			h.To = count.Time
		}
	}
	if len(rows) == 0 && len(h.Errors) == 0 {
		h.fail(LineError{Line: 1, Key: NoRows})
	}
	for a := range accounts {
		h.Accounts = append(h.Accounts, a)
	}
	slices.Sort(h.Accounts)
	return h, nil
}

// fail notes an error and says whether there are too many to go on.
func (h *History) fail(e LineError) bool {
	if len(h.Errors) < MaxHistoryErrors {
		h.Errors = append(h.Errors, e)
	}
	return len(h.Errors) >= MaxHistoryErrors
}

func (h *History) split(r io.Reader) ([]rawRow, error) {
	in := bufio.NewReader(r)
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	first, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	c := csv.NewReader(in)
	c.Comma = delimiter(string(first))
	c.FieldsPerRecord = -1
	c.TrimLeadingSpace = true
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, h.csvError(err)
	}
	place := map[string]int{}
	for i, name := range header {
		place[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"date", "network", "account", "followers"} {
		if _, ok := place[name]; !ok {
			h.fail(LineError{Line: 1, Key: BadHeader, Text: name})
		}
	}
	if len(h.Errors) > 0 {
		return nil, nil
	}
	var rows []rawRow
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			if err := h.csvError(err); err != nil {
				return nil, err
			}
			if len(h.Errors) >= MaxHistoryErrors {
				return rows, nil
			}
			continue
		}
		line, _ := c.FieldPos(0)
		if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
			continue
		}
		if len(rows) == MaxHistoryRows {
			h.fail(LineError{Line: line, Key: TooLong, Text: strconv.Itoa(MaxHistoryRows)})
			return rows, nil
		}
		field := func(name string) string {
			if i, ok := place[name]; ok && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		}
		rows = append(rows, rawRow{line, field("date"), field("network"), field("account"), field("followers"), field("following"), field("posts"), field("rounded")})
	}
}

// csvError notes a line that isn't CSV; errors of the reader come back.
func (h *History) csvError(err error) error {
	var bad *csv.ParseError
	if !errors.As(err, &bad) {
		return err
	}
	h.fail(LineError{Line: bad.Line, Key: BadLine, Text: bad.Err.Error()})
	return nil
}

// delimiter is the one that the header has most of.
func delimiter(start string) rune {
	header, _, _ := strings.Cut(start, "\n")
	best := ','
	for _, d := range []rune{';', '\t'} {
		if strings.Count(header, string(d)) > strings.Count(header, string(best)) {
			best = d
		}
	}
	return best
}

func (row rawRow) parse(o HistoryOptions, order string) (event.FollowerCount, *LineError) {
	bad := func(key, text string) (event.FollowerCount, *LineError) {
		return event.FollowerCount{}, &LineError{Line: row.line, Key: key, Text: text}
	}
	at, key := parseDate(row.date, order, o.Location)
	if key != "" {
		return bad(key, row.date)
	}
	if at.After(o.Now.Add(24 * time.Hour)) {
		return bad(FutureDate, row.date)
	}
	network, ok := o.Network(row.network)
	if !ok {
		return bad(BadNetwork, row.network)
	}
	account := unquoted(row.account)
	if c, ok := ByNetwork(network); ok {
		if a, ok := c.Parse(account); ok {
			account = a.Handle // so that polled readings go on where history ends
		}
	}
	if account == "" || len(account) > 500 {
		return bad(BadAccount, row.account)
	}
	followers, ok := parseCount(row.count)
	if !ok {
		return bad(BadCount, row.count)
	}
	out := event.FollowerCount{Site: o.Site, Time: at.UTC(), Network: network, Account: account, Followers: followers, Origin: event.OriginImport}
	out.Rounded = slices.Contains([]string{"true", "1", "yes", "oui"}, strings.ToLower(row.rounded))
	for _, more := range []struct {
		text string
		into **uint64
	}{{row.following, &out.Following}, {row.posts, &out.Posts}} {
		if more.text == "" {
			continue
		}
		n, ok := parseCount(more.text)
		if !ok {
			return bad(BadCount, more.text)
		}
		*more.into = &n
	}
	return out, nil
}

// unquoted takes away the apostrophe by which our exports, like others, keep a
// spreadsheet from taking "@alice" for a formula.
func unquoted(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && strings.IndexAny(rest, "=+-@") == 0 {
		return rest
	}
	return cell
}

// parseCount takes digits, in groups of three if they are parted by spaces,
// apostrophes, commas or points. "12.5K" is not a count: it is a rounding.
func parseCount(s string) (uint64, bool) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \u00a0\u202f'’,.", r) })
	if len(groups) == 0 {
		return 0, false
	}
	for i, g := range groups {
		if (i > 0 && len(g) != 3) || (i == 0 && len(groups) > 1 && len(g) > 3) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(strings.Join(groups, ""), 10, 63)
	return n, err == nil
}

// dateOrder finds out from all dates with slashes whether the day ("dmy") or
// the month ("mdy") comes first; "" = the file doesn't show it.
func dateOrder(rows []rawRow) string {
	dmy, mdy := false, false
	for _, row := range rows {
		parts := strings.FieldsFunc(row.date, func(r rune) bool { return r == '/' || r == '.' })
		if len(parts) != 3 {
			continue
		}
		a, _ := strconv.Atoi(parts[0])
		b, _ := strconv.Atoi(parts[1])
		dmy = dmy || a > 12
		mdy = mdy || b > 12
	}
	switch {
	case dmy && !mdy:
		return "dmy"
	case mdy && !dmy:
		return "mdy"
	default:
		return ""
	}
}

func parseDate(s, order string, loc *time.Location) (time.Time, string) {
	if t, err := time.ParseInLocation(time.DateOnly, s, loc); err == nil {
		return noon(t), ""
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, ""
		}
	}
	slashed := strings.ReplaceAll(s, ".", "/")
	layout := map[string]string{"dmy": "2/1/2006", "mdy": "1/2/2006"}[order]
	if layout == "" {
		if _, err := time.Parse("2/1/2006", slashed); err == nil {
			return time.Time{}, Ambiguous
		}
		return time.Time{}, BadDate
	}
	t, err := time.ParseInLocation(layout, slashed, loc)
	if err != nil {
		return time.Time{}, BadDate
	}
	return noon(t), ""
}

func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, t.Location())
}
