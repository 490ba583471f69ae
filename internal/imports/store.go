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
	"github.com/earshot-analytics/earshot/internal/query"
)

// stored are what stands in the place of each of rows, which are in order;
// nil = nothing does.
func (k kind[R]) stored(ctx context.Context, i *Importer, site uint32, rows []R) ([]*R, error) {
	all := make([]*R, len(rows))
	if len(rows) == 0 {
		return all, nil
	}
	from, to := k.key(rows[0]).second, k.key(rows[0]).second
	for _, r := range rows {
		from, to = min(from, k.key(r).second), max(to, k.key(r).second)
	}
	// The columns are the schema's own names; what comes from outside is bound.
	sql := "SELECT " + k.columns + " FROM " + k.table + ` FINAL
WHERE site_id = {site:UInt32} AND ` + k.seconds + ` BETWEEN {from:UInt32} AND {to:UInt32}`
	args := []query.Arg{{Name: "site", Value: site}, {Name: "from", Value: uint32(max(from, 0))}, {Name: "to", Value: uint32(max(to, 0))}}
	c := cells{names: map[string]string{}}
	err := i.Readings.Select(ctx, sql, args, func(v []any) error {
		c.values = v
		r := k.scan(site, &c)
		if c.bad {
			return fmt.Errorf("a stored reading is of other types: %T", v)
		}
		if n, there := slices.BinarySearchFunc(rows, k.key(r), func(r R, of key) int { return k.key(r).compare(of) }); there {
			all[n] = &r
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return all, nil
}

// cells takes the values of a row one after the other; after the first of
// another type, bad is set.
type cells struct {
	values []any
	names  map[string]string // that many rows have, each kept once
	bad    bool
}

func (c *cells) next() (v any) {
	if len(c.values) == 0 {
		c.bad = true
		return nil
	}
	v, c.values = c.values[0], c.values[1:]
	return v
}

func (c *cells) text() string {
	s, ok := c.next().(string)
	c.bad = c.bad || !ok
	return s
}

// name is a text that many rows have.
func (c *cells) name() string {
	s := c.text()
	if kept, ok := c.names[s]; ok {
		return kept
	}
	c.names[s] = s
	return s
}

// known is nil where the number isn't.
func (c *cells) known() *uint64 {
	v := c.next()
	if n, ok := v.(uint64); ok {
		return &n
	}
	c.bad = c.bad || v != nil
	return nil
}

func (c *cells) number() uint64 {
	n, ok := c.next().(uint64)
	c.bad = c.bad || !ok
	return n
}

func (c *cells) decimal() float64 {
	f, ok := c.next().(float64)
	c.bad = c.bad || !ok
	return f
}

func (c *cells) time() time.Time { return time.Unix(int64(c.number()), 0).UTC() }

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
