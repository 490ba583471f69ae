package imports

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/meta"
)

func (k readingKind[R]) preview(ctx context.Context, i *Importer, site meta.Site, f File, t *table) (*Preview, error) {
	o := options{Site: site, Now: i.Now(), Network: i.Network, Pages: i.Pages, Answers: f.Answers, Stopped: func() bool { return ctx.Err() != nil }}
	h := k.form.read(t, o)
	if err := ctx.Err(); err != nil {
		return nil, err // half of it is read
	}
	p := &Preview{Name: f.Name, LeftOut: k.repeats(t, h, o), Errors: h.Errors, Questions: h.Questions, Times: h.Times, Days: k.form.days}
	return k.offer(ctx, i, site, p, h.Rows)
}

// offer completes a preview, and keeps what it would store for apply.
func (k readingKind[R]) offer(ctx context.Context, i *Importer, site meta.Site, p *Preview, rows []R) (*Preview, error) {
	p.Kind = k.fact.About().Name
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
	kept, err := i.Book.AddImport(ctx, meta.Import{Site: site.ID, Kind: k.fact.About().Name, Name: p.Name, Readings: len(changes), Data: data})
	p.ID = kept.ID
	return p, err
}

// compare fills p in and leaves, in place, the readings that would change
// something.
func (k readingKind[R]) compare(p *Preview, site meta.Site, rows []R, stored []*R) []R {
	changes := rows[:0]
	zone := site.Location()
	at := map[readingKey]int{}
	seen := map[readingKey]bool{} // what readings are of, once each
	for i, r := range rows {
		of := k.key(r)
		row := PreviewAccount{Network: of.network, Account: of.account, From: k.when(r, zone)}
		name := readingKey{network: of.network, account: of.account}
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
		if row.From.Before(a.From) {
			a.From = row.From
		}
		if row.From.After(a.To) {
			a.To = row.From
		}
		if k.size != nil {
			a.Sized = true
			if a.Last = k.size(r); !known {
				a.First = a.Last
			}
		}
		if one := (readingKey{of.network, of.account, of.of, 0}); of.of != "" && !seen[one] {
			seen[one] = true
			a.Items++
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
