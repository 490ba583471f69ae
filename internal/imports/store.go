package imports

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
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// stored are what stands in the place of each of list, which is in order;
// nil = nothing does.
func (k kind[R]) stored(ctx context.Context, i *Importer, site uint32, list []R) ([]*R, error) {
	all := make([]*R, len(list))
	if len(list) == 0 {
		return all, nil
	}
	from, to := k.key(list[0]).second, k.key(list[0]).second
	for _, r := range list {
		from, to = min(from, k.key(r).second), max(to, k.key(r).second)
	}
	// The columns are the schema's own names; what comes from outside is bound.
	sql := "SELECT " + k.columns + " FROM " + k.table + ` FINAL
WHERE site_id = {site:UInt32} AND ` + k.seconds + ` BETWEEN {from:UInt32} AND {to:UInt32}`
	args := []rows.Arg{rows.Bind("site", site), rows.Bind("from", uint32(max(from, 0))), rows.Bind("to", uint32(max(to, 0)))}
	kept := names{}
	err := i.Readings.Select(ctx, sql, args, func(row *rows.Row) error {
		r := k.scan(site, row, kept)
		if n, there := slices.BinarySearchFunc(list, k.key(r), func(r R, of key) int { return k.key(r).compare(of) }); there {
			all[n] = &r
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return all, nil
}

// names are texts that many rows have, each kept once.
type names map[string]string

func (n names) of(s string) string {
	if kept, ok := n[s]; ok {
		return kept
	}
	n[s] = s
	return s
}

// known is nil where the number isn't.
func known(row *rows.Row, column string) *uint64 {
	if n, ok := row.MaybeUint(column); ok {
		return &n
	}
	return nil
}

// instant is a time that is selected in seconds.
func instant(row *rows.Row, column string) time.Time { return time.Unix(row.Int(column), 0).UTC() }

// pack makes bytes of readings: their records, each behind its length, in gzip.
func (k kind[R]) pack(rows []R) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	var record, length []byte
	for _, r := range rows {
		record = k.encode(record[:0], r)
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

func (k kind[R]) unpack(data []byte) ([]R, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack readings: %w", err)
	}
	in := bufio.NewReader(z)
	var rows []R
	for {
		n, err := binary.ReadUvarint(in)
		if errors.Is(err, io.EOF) {
			return rows, nil
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
		r, err := k.decode(string(record))
		if err != nil {
			return nil, fmt.Errorf("unpack readings: %w", err)
		}
		rows = append(rows, r)
	}
}
