package write

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/spool"
)

// Source is the spool as the writer sees it.
type Source interface {
	ID() string
	Acked() uint64
	Read(from uint64, maxBytes int) (groups []spool.Group, upto uint64, err error)
	Wait(ctx context.Context, after uint64) error
	Ack(upto uint64) error
	Resent(upto, total uint64) error
}

// Sink takes batches. Insert returns nil only once all of it is stored; the
// same token for the same table again changes nothing.
type Sink interface {
	Insert(ctx context.Context, token string, facts event.Rows) error
}
