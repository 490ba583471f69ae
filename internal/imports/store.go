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
	"strconv"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// stored are what stands in the place of each of list, which is in order;
// nil = nothing does.
func (k readingKind[R]) stored(ctx context.Context, i *Importer, site uint32, list []R) ([]*R, error) {
	all := make([]*R, len(list))
	if len(list) == 0 {
		return all, nil
	}
	within, args := "", []rows.Arg{rows.Bind("site", site)}
	for _, c := range k.fact.About().Columns {
		if !c.Key || !c.Timed() {
			continue
		}
		from, to := k.key(list[0]).second, k.key(list[0]).second
		for _, r := range list {
			from, to = min(from, k.key(r).second), max(to, k.key(r).second)
		}
		within = " AND toUnixTimestamp(toDateTime(" + c.Name + ", 'UTC')) BETWEEN {from:UInt32} AND {to:UInt32}"
		args = append(args, rows.Bind("from", uint32(max(from, 0))), rows.Bind("to", uint32(max(to, 0))))
	}
	// The columns are the schema's own names; what comes from outside is bound.
	sql := "SELECT " + k.fact.About().Listed() + " FROM " + k.fact.About().From() + " WHERE site_id = {site:UInt32}" + within
	kept := event.Texts{}
	err := i.Readings.Select(ctx, sql, args, func(row *rows.Row) error {
		r := k.fact.Scan(row, kept)
		if n, there := slices.BinarySearchFunc(list, k.key(r), func(r R, of readingKey) int { return k.key(r).compare(of) }); there {
			all[n] = &r
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return all, nil
}

// pack makes bytes of readings: their records, each behind its length, in gzip.
func (k readingKind[R]) pack(rows []R) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	var record, length []byte
	for i := range rows {
		record = k.fact.Append(record[:0], &rows[i])
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

func (k readingKind[R]) unpack(data []byte) ([]R, error) {
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
		r, err := k.fact.Decode(string(record))
		if err != nil {
			return nil, fmt.Errorf("unpack readings: %w", err)
		}
		rows = append(rows, r)
	}
}

// importBatch is how many readings go into one insert.
const importBatch = 50_000

func (k readingKind[R]) store(ctx context.Context, i *Importer, token string, rows []R) error {
	n := 0
	for batch := range slices.Chunk(rows, importBatch) {
		if err := i.Readings.Insert(ctx, token+"-"+strconv.Itoa(n), k.fact.Of(batch)); err != nil {
			return fmt.Errorf("store readings: %w", err)
		}
		n++
	}
	return nil
}
