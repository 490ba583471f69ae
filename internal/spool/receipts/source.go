package receipts

import (
	"context"
	"fmt"

	"github.com/earshot-analytics/earshot/internal/spool"
)

// Source is the spool as its reader shall see it: a batch counts once.
type Source struct {
	Log
	b *Book
}

// Source gives the spool for its one reader.
func (b *Book) Source() Source { return Source{b.o.Log, b} }

// Wait is the spool's, once the index is read.
func (s Source) Wait(ctx context.Context, after uint64) error {
	select {
	case <-s.b.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.b.loadErr != nil {
		return s.b.loadErr
	}
	return s.Log.Wait(ctx, after)
}

// Read is the spool's, without what counts twice.
func (s Source) Read(from uint64, maxBytes int) ([]spool.Group, uint64, error) {
	groups, upto, err := s.Log.Read(from, maxBytes)
	for i := range groups {
		var twice int
		if groups[i].Records, twice = s.b.read(groups[i]); twice > 0 {
			s.b.twice.Add(float64(twice))
			s.b.log.Info("a batch came a second time under its idempotency key: left out", "index", groups[i].Index, "batches", twice)
		}
	}
	return groups, upto, err
}

// Ack is the spool's, after what the spool may now forget is in a file.
func (s Source) Ack(upto uint64) error {
	if err := s.b.keep(upto); err != nil {
		return err
	}
	return s.Log.Ack(upto)
}

// Resent is the spool's, as Ack.
func (s Source) Resent(upto, total uint64) error {
	if err := s.b.keep(upto); err != nil {
		return err
	}
	return s.Log.Resent(upto, total)
}

// keep writes the receipts up to an index to the hour's file.
func (b *Book) keep(upto uint64) error {
	<-b.ready
	b.mu.Lock()
	n := 0
	for n < len(b.unkept) && b.unkept[n].index <= upto {
		n++
	}
	due := b.unkept[:n:n]
	b.mu.Unlock()
	if n == 0 {
		return nil
	}
	if err := b.files.add(b.o.Now(), due); err != nil {
		return fmt.Errorf("keep idempotency keys: %w", err)
	}
	b.mu.Lock()
	b.unkept = append([]unkept(nil), b.unkept[n:]...)
	b.mu.Unlock()
	return nil
}
