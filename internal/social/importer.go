package social

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
)

// importBatch is how many readings go into one insert.
const importBatch = 50_000

// Readings is where readings are stored; internal/clickhouse has it.
type Readings interface {
	query.Runner
	InsertFollowerCounts(ctx context.Context, token string, counts []event.FollowerCount) error
	// RemoveFollowerCounts deletes what has this origin.
	RemoveFollowerCounts(ctx context.Context, site uint32, origin string) error
}

// Imports is the book of imports; internal/meta has it.
type Imports interface {
	AddImport(ctx context.Context, i meta.Import) (meta.Import, error)
	Imports(ctx context.Context, site uint32) ([]meta.Import, error)
	ImportByID(ctx context.Context, site uint32, id int64) (meta.Import, error)
	PlanImport(ctx context.Context, i meta.Import) error
	FinishImport(ctx context.Context, site uint32, id int64) error
	UndoneImport(ctx context.Context, site uint32, id int64) error
}

// Importer takes follower histories in, in two steps, and takes them back.
//
// Preview stores nothing in the statistics. Apply writes down what it will
// replace before it replaces it, so that Undo can put it back; each step may
// be repeated after a crash and then changes nothing more.
type Importer struct {
	Readings Readings
	Book     Imports
	Network  func(name string) (key string, ok bool)
	Now      func() time.Time
}

// Preview says what an import would do.
type Preview struct {
	ID                 int64 // for Apply; 0 = there is nothing to store
	Name               string
	New, Changed, Same int // readings, by what stands there now
	Accounts           []PreviewAccount
	Errors             []LineError // lines that would be left out
}

// PreviewAccount is what a file has of one account.
type PreviewAccount struct {
	Network, Account   string
	From, To           time.Time
	First, Last        uint64 // followers then
	New, Changed, Same int
}

// ErrImportGone is Apply's or Undo's answer for an import in another state.
var ErrImportGone = errors.New("the import is gone, or was done or undone before")

// Preview reads a file and compares it with what is stored.
func (i *Importer) Preview(ctx context.Context, site meta.Site, name string, file io.Reader) (*Preview, error) {
	h, err := ReadHistory(file, HistoryOptions{Site: site.ID, Location: site.Location(), Now: i.Now(), Network: i.Network})
	if err != nil {
		return nil, err
	}
	p := &Preview{Name: name, Errors: h.Errors}
	stored, err := i.stored(ctx, site.ID, h.From, h.To)
	if err != nil {
		return nil, err
	}
	changes := p.compare(h.Counts, stored)
	if len(changes) == 0 {
		return p, nil
	}
	data, err := pack(changes)
	if err != nil {
		return nil, err
	}
	kept, err := i.Book.AddImport(ctx, meta.Import{Site: site.ID, Name: name, Readings: len(changes), Data: data})
	p.ID = kept.ID
	return p, err
}

// compare fills p in and gives the readings that would change something.
func (p *Preview) compare(counts []event.FollowerCount, stored map[key]event.FollowerCount) []event.FollowerCount {
	var changes []event.FollowerCount
	at := map[string]int{}
	for _, c := range last(counts) {
		name := c.Network + " " + c.Account
		n, seen := at[name]
		if !seen {
			n = len(p.Accounts)
			at[name] = n
			p.Accounts = append(p.Accounts, PreviewAccount{Network: c.Network, Account: c.Account, From: c.Time, First: c.Followers})
		}
		a := &p.Accounts[n]
		a.To, a.Last = c.Time, c.Followers // counts are in order
		old, there := stored[keyOf(c)]
		switch {
		case !there:
			a.New++
			p.New++
		case sameReading(old, c):
			a.Same++
			p.Same++
			continue
		default:
			a.Changed++
			p.Changed++
		}
		changes = append(changes, c)
	}
	return changes
}

// Apply stores an import that was looked at, and says how many readings that
// were.
func (i *Importer) Apply(ctx context.Context, site meta.Site, id int64) (readings int, err error) {
	imp, err := i.Book.ImportByID(ctx, site.ID, id)
	if err != nil {
		return 0, err
	}
	if !imp.Done.IsZero() || !imp.Undone.IsZero() {
		return 0, ErrImportGone
	}
	counts, err := unpack(imp.Data)
	if err != nil {
		return 0, err
	}
	if imp.Replaced == nil {
		if counts, err = i.plan(ctx, imp, counts); err != nil {
			return 0, err
		}
	}
	if err := i.insert(ctx, fmt.Sprintf("import-%d", id), counts); err != nil {
		return 0, err
	}
	return len(counts), i.Book.FinishImport(ctx, site.ID, id)
}

// plan writes down what counts replace now, and leaves out what is there by
// now.
func (i *Importer) plan(ctx context.Context, imp meta.Import, counts []event.FollowerCount) (plan []event.FollowerCount, err error) {
	from, to := span(counts)
	stored, err := i.stored(ctx, imp.Site, from, to)
	if err != nil {
		return nil, err
	}
	var replaced []event.FollowerCount
	for _, c := range counts {
		old, there := stored[keyOf(c)]
		if there && sameReading(old, c) {
			continue
		}
		if there {
			replaced = append(replaced, old)
		}
		c.Origin = importOrigin(imp.ID)
		plan = append(plan, c)
	}
	if imp.Data, err = pack(plan); err != nil {
		return nil, err
	}
	if imp.Replaced, err = pack(replaced); err != nil {
		return nil, err
	}
	imp.Readings = len(plan)
	return plan, i.Book.PlanImport(ctx, imp)
}

// Undo takes an import's readings away and puts back what they replaced,
// except where a later import has another reading, or what they replaced was
// itself taken back since.
func (i *Importer) Undo(ctx context.Context, site meta.Site, id int64) error {
	imp, err := i.Book.ImportByID(ctx, site.ID, id)
	if err != nil {
		return err
	}
	if imp.Replaced == nil || !imp.Undone.IsZero() {
		return ErrImportGone
	}
	if err := i.Readings.RemoveFollowerCounts(ctx, site.ID, importOrigin(id)); err != nil {
		return err
	}
	replaced, err := unpack(imp.Replaced)
	if err != nil {
		return err
	}
	from, to := span(replaced)
	stored, err := i.stored(ctx, site.ID, from, to)
	if err != nil {
		return err
	}
	book, err := i.Book.Imports(ctx, site.ID)
	if err != nil {
		return err
	}
	undone := map[string]bool{}
	for _, b := range book {
		undone[importOrigin(b.ID)] = !b.Undone.IsZero()
	}
	replaced = slices.DeleteFunc(replaced, func(c event.FollowerCount) bool {
		_, there := stored[keyOf(c)]
		return there || undone[c.Origin]
	})
	if err := i.insert(ctx, fmt.Sprintf("undo-%d", id), replaced); err != nil {
		return err
	}
	return i.Book.UndoneImport(ctx, site.ID, id)
}

func (i *Importer) insert(ctx context.Context, token string, counts []event.FollowerCount) error {
	n := 0
	for batch := range slices.Chunk(counts, importBatch) {
		if err := i.Readings.InsertFollowerCounts(ctx, token+"-"+strconv.Itoa(n), batch); err != nil {
			return fmt.Errorf("store readings: %w", err)
		}
		n++
	}
	return nil
}

// key is what a reading replaces another by.
type key struct {
	network, account string
	second           int64
}

func keyOf(c event.FollowerCount) key { return key{c.Network, c.Account, c.Time.Unix()} }

// stored are a site's readings between two times, both included.
func (i *Importer) stored(ctx context.Context, site uint32, from, to time.Time) (map[key]event.FollowerCount, error) {
	all := map[key]event.FollowerCount{}
	if from.IsZero() {
		return all, nil
	}
	const sql = `SELECT network, account, toUInt64(toUnixTimestamp(ts)), followers, following, posts, origin, toUInt64(rounded)
FROM follower_counts FINAL
WHERE site_id = {site:UInt32} AND toUnixTimestamp(ts) BETWEEN {from:UInt32} AND {to:UInt32}`
	args := []query.Arg{{Name: "site", Value: site}, {Name: "from", Value: uint32(max(from.Unix(), 0))}, {Name: "to", Value: uint32(max(to.Unix(), 0))}}
	err := i.Readings.Select(ctx, sql, args, func(v []any) error {
		number := func(n int) *uint64 {
			if u, ok := v[n].(uint64); ok {
				return &u
			}
			return nil
		}
		network, _ := v[0].(string)
		account, _ := v[1].(string)
		origin, _ := v[6].(string)
		at, followers, rounded := number(2), number(3), number(7)
		if network == "" || at == nil || followers == nil || rounded == nil {
			return fmt.Errorf("a stored reading is of other types: %T", v)
		}
		c := event.FollowerCount{
			Site: site, Time: time.Unix(int64(*at), 0).UTC(), Network: network, Account: account, Followers: *followers,
			Following: number(4), Posts: number(5), Origin: origin, Rounded: *rounded != 0,
		}
		all[keyOf(c)] = c
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return all, nil
}

// last orders readings by account and time, and leaves the file's last of
// those for the same second.
func last(counts []event.FollowerCount) []event.FollowerCount {
	at := map[key]int{}
	var out []event.FollowerCount
	for _, c := range counts {
		if n, there := at[keyOf(c)]; there {
			out[n] = c
			continue
		}
		at[keyOf(c)] = len(out)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b event.FollowerCount) int {
		if n := strings.Compare(a.Network, b.Network); n != 0 {
			return n
		}
		if n := strings.Compare(a.Account, b.Account); n != 0 {
			return n
		}
		return a.Time.Compare(b.Time)
	})
	return out
}

func span(counts []event.FollowerCount) (from, to time.Time) {
	for _, c := range counts {
		if from.IsZero() || c.Time.Before(from) {
			from = c.Time
		}
		if c.Time.After(to) {
			to = c.Time
		}
	}
	return from, to
}

// sameReading holds where storing b over a would change no number.
func sameReading(a, b event.FollowerCount) bool {
	equal := func(x, y *uint64) bool { return x == y || x != nil && y != nil && *x == *y }
	return a.Followers == b.Followers && equal(a.Following, b.Following) && equal(a.Posts, b.Posts) && a.Rounded == b.Rounded
}

func importOrigin(id int64) string { return event.OriginImport + ":" + strconv.FormatInt(id, 10) }

// pack makes bytes of readings: their records, each behind its length, in gzip.
func pack(counts []event.FollowerCount) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	var record, length []byte
	for _, c := range counts {
		record = event.AppendFollowerCount(record[:0], c)
		length = binary.AppendUvarint(length[:0], uint64(len(record)))
		if _, err := z.Write(append(length, record...)); err != nil {
			return nil, fmt.Errorf("pack readings: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack readings: %w", err)
	}
	return out.Bytes(), nil
}

func unpack(data []byte) ([]event.FollowerCount, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack readings: %w", err)
	}
	in := bufio.NewReader(z)
	var counts []event.FollowerCount
	for {
		n, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) {
			return counts, nil
		}
		if err == nil && n > 1<<16 {
			err = event.ErrRecord
		}
		if err != nil {
			return nil, fmt.Errorf("unpack readings: %w", err)
		}
		record := make([]byte, n)
		if _, err := io.ReadFull(in, record); err != nil {
			return nil, fmt.Errorf("unpack readings: %w", err)
		}
		c, err := event.DecodeFollowerCount(string(record))
		if err != nil {
			return nil, fmt.Errorf("unpack readings: %w", err)
		}
		counts = append(counts, c)
	}
}
