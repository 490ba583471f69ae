package imports

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
)

// importBatch is how many readings go into one insert.
const importBatch = 50_000

// kind is readings of one kind: how they stand in files, in the book of imports
// and in the statistics. What an import does with them is the same for all.
type kind[R any] struct {
	fact *event.Fact[R]
	form form[R]

	key    func(R) key
	origin func(*R) *string
	size   func(R) float64 // followers or a value, for a preview; nil = none
	apart  bool            // a preview tells what the readings of an account are of
	// completed is r with what its file leaves open as old has it, which it
	// replaces; nil = it replaces nothing.
	completed func(r R, old *R) R
	// sum adds up what lines have of one key; false = that says nothing. nil =
	// never.
	sum func(a, b R) (R, bool)
}

// key is what a reading replaces another by.
type key struct {
	network, account string
	of               string // a post's ID, an insight's name; "" = the account itself
	second           int64
}

func (k kind[R]) preview(ctx context.Context, i *Importer, site meta.Site, f File, t *table) (*Preview, error) {
	o := options{Site: site, Now: i.Now(), Network: i.Network, Pages: i.Pages, Answers: f.Answers, Stopped: func() bool { return ctx.Err() != nil }}
	h := k.form.read(t, o)
	if err := ctx.Err(); err != nil {
		return nil, err // half of it is read
	}
	p := &Preview{Name: f.Name, LeftOut: k.repeats(t, h, o), Errors: h.Errors, Questions: h.Questions, Times: h.Times, Days: k.form.days}
	return k.offer(ctx, i, site, p, h.Rows)
}

// offer completes a preview, and keeps what it would store for apply.
func (k kind[R]) offer(ctx context.Context, i *Importer, site meta.Site, p *Preview, rows []R) (*Preview, error) {
	p.Kind = k.fact.Name
	rows = k.last(rows)
	stored, err := k.stored(ctx, i, site.ID, rows)
	if err != nil {
		return nil, err
	}
	changes := k.compare(p, site, rows, stored)
	if len(changes) == 0 {
		return p, nil
	}
	data, err := k.pack(changes)
	if err != nil {
		return nil, err
	}
	kept, err := i.Book.AddImport(ctx, meta.Import{Site: site.ID, Kind: k.fact.Name, Name: p.Name, Readings: len(changes), Data: data})
	p.ID = kept.ID
	return p, err
}

// compare fills p in and leaves, in place, the readings that would change
// something.
func (k kind[R]) compare(p *Preview, site meta.Site, rows []R, stored []*R) []R {
	changes := rows[:0]
	zone := site.Location()
	at := map[key]int{}
	seen := map[key]bool{} // what readings are of, once each
	for i, r := range rows {
		of := k.key(r)
		row := PreviewAccount{Network: of.network, Account: of.account, From: k.when(of, zone)}
		name := key{network: of.network, account: of.account}
		if k.apart {
			row.Insight, name.of = of.of, of.of
		}
		n, known := at[name]
		if !known {
			n = len(p.Accounts)
			at[name] = n
			p.Accounts = append(p.Accounts, row)
		}
		a := &p.Accounts[n]
		a.To = row.From // rows are in order
		if k.size != nil {
			if a.Last = k.size(r); !known {
				a.First = a.Last
			}
		}
		if one := (key{of.network, of.account, of.of, 0}); of.of != "" && !seen[one] {
			seen[one] = true
			a.Posts++
		}
		_, change := k.change(r, stored[i])
		switch change {
		case isNew:
			a.New++
			p.New++
		case isSame:
			a.Same++
			p.Same++
			continue
		case isChanged:
			a.Changed++
			p.Changed++
		}
		changes = append(changes, r)
	}
	return changes
}

// What a reading is to what is stored.
const (
	isNew = iota
	isSame
	isChanged
)

// change is what storing r over old would do, which may be nil: full is stored.
func (k kind[R]) change(r R, old *R) (full R, change int) {
	full = k.completed(r, old)
	switch {
	case old == nil:
		return full, isNew
	case k.fact.Same(old, &full):
		return full, isSame
	}
	return full, isChanged
}

func (k kind[R]) apply(ctx context.Context, i *Importer, imp meta.Import) (readings int, err error) {
	rows, err := k.unpack(imp.Data)
	if err != nil {
		return 0, err
	}
	if imp.Replaced == nil {
		if rows, err = k.plan(ctx, i, imp, rows); err != nil {
			return 0, err
		}
	}
	return len(rows), k.store(ctx, i, fmt.Sprintf("import-%d", imp.ID), rows)
}

// plan writes down what rows replace now, and leaves out what is there by now.
func (k kind[R]) plan(ctx context.Context, i *Importer, imp meta.Import, rows []R) (plan []R, err error) {
	stored, err := k.stored(ctx, i, imp.Site, rows)
	if err != nil {
		return nil, err
	}
	var replaced []R
	for n, r := range rows {
		full, change := k.change(r, stored[n])
		if change == isSame {
			continue
		}
		if change == isChanged {
			replaced = append(replaced, *stored[n])
		}
		*k.origin(&full) = importOrigin(imp.ID)
		plan = append(plan, full)
	}
	if imp.Data, err = k.pack(plan); err != nil {
		return nil, err
	}
	if imp.Replaced, err = k.pack(replaced); err != nil {
		return nil, err
	}
	imp.Readings = len(plan)
	return plan, i.Book.PlanImport(ctx, imp)
}

func (k kind[R]) undo(ctx context.Context, i *Importer, imp meta.Import) error {
	if err := i.Readings.RemoveImported(ctx, &k.fact.Entry, imp.Site, importOrigin(imp.ID)); err != nil {
		return err
	}
	replaced, err := k.unpack(imp.Replaced)
	if err != nil {
		return err
	}
	stored, err := k.stored(ctx, i, imp.Site, replaced)
	if err != nil {
		return err
	}
	book, err := i.Book.Imports(ctx, imp.Site)
	if err != nil {
		return err
	}
	undone := map[string]int64{}
	for _, b := range book {
		if !b.Undone.IsZero() {
			undone[importOrigin(b.ID)] = b.ID
		}
	}
	earlier := map[string]map[key]R{} // what undone imports replaced, by origin
	var back []R
	for n, r := range replaced {
		if stored[n] != nil {
			continue
		}
		// What was replaced may be taken back itself by now: then what that had
		// replaced stands again.
		stands := true
		for id := undone[*k.origin(&r)]; stands && id != 0; id = undone[*k.origin(&r)] {
			origin := importOrigin(id)
			if earlier[origin] == nil {
				if earlier[origin], err = k.replaced(ctx, i, imp.Site, id); err != nil {
					return err
				}
			}
			r, stands = earlier[origin][k.key(r)]
		}
		if stands {
			back = append(back, r)
		}
	}
	// A row that is put back twice replaces itself. An undo that is gone on with
	// has fewer rows to put back, so no two have a token in common.
	return k.store(ctx, i, "undo-"+rand.Text(), back)
}

// replaced is what an import replaced.
func (k kind[R]) replaced(ctx context.Context, i *Importer, site uint32, id int64) (map[key]R, error) {
	imp, err := i.Book.ImportByID(ctx, site, id)
	if err != nil {
		return nil, err
	}
	rows, err := k.unpack(imp.Replaced)
	if err != nil {
		return nil, err
	}
	all := make(map[key]R, len(rows))
	for _, r := range rows {
		all[k.key(r)] = r
	}
	return all, nil
}

func (k kind[R]) store(ctx context.Context, i *Importer, token string, rows []R) error {
	n := 0
	for batch := range slices.Chunk(rows, importBatch) {
		if err := i.Readings.Insert(ctx, token+"-"+strconv.Itoa(n), k.fact.Of(batch)); err != nil {
			return fmt.Errorf("store readings: %w", err)
		}
		n++
	}
	return nil
}

// last orders readings, in place, by account and time, and leaves the file's
// last of those that replace each other.
func (k kind[R]) last(rows []R) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return k.key(a).compare(k.key(b)) })
	n := 0
	for i, r := range rows {
		if i+1 < len(rows) && k.key(rows[i+1]) == k.key(r) {
			continue
		}
		rows[n] = r
		n++
	}
	return rows[:n]
}

func (k key) compare(l key) int {
	return cmp.Or(strings.Compare(k.network, l.network), strings.Compare(k.account, l.account),
		cmp.Compare(k.second, l.second), strings.Compare(k.of, l.of))
}

// when is the time of a reading; of a day, noon in the site's zone.
func (k kind[R]) when(of key, zone *time.Location) time.Time {
	at := time.Unix(of.second, 0).UTC()
	if k.form.days {
		y, m, d := at.Date()
		at = time.Date(y, m, d, 12, 0, 0, 0, zone)
	}
	return at
}
