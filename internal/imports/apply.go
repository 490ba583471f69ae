package imports

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/earshot-analytics/earshot/internal/meta"
)

func (k readingKind[R]) apply(ctx context.Context, i *Importer, imp meta.Import) (readings int, err error) {
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
func (k readingKind[R]) plan(ctx context.Context, i *Importer, imp meta.Import, rows []R) (plan []R, err error) {
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

func (k readingKind[R]) undo(ctx context.Context, i *Importer, imp meta.Import) error {
	if err := i.Readings.RemoveImported(ctx, k.fact.About(), imp.Site, importOrigin(imp.ID)); err != nil {
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
	earlier := map[string]map[readingKey]R{} // what undone imports replaced, by origin
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
func (k readingKind[R]) replaced(ctx context.Context, i *Importer, site uint32, id int64) (map[readingKey]R, error) {
	imp, err := i.Book.ImportByID(ctx, site, id)
	if err != nil {
		return nil, err
	}
	rows, err := k.unpack(imp.Replaced)
	if err != nil {
		return nil, err
	}
	all := make(map[readingKey]R, len(rows))
	for _, r := range rows {
		all[k.key(r)] = r
	}
	return all, nil
}
