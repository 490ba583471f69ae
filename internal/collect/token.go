package collect

import (
	"context"
	"errors"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Token is what a sender of batches may do.
type Token struct {
	ID   int64
	Site uint32 // whose events it may send; 0 = every site's
}

// opens tells whether events of a site may be sent with the token.
func (t *Token) opens(site uint32, known bool) bool {
	return t.Site == 0 || known && t.Site == site
}

// Tokens finds a token by its text. The error is ErrNoToken where there is
// none, ErrOldToken where it has expired, and ErrOtherToken where it is for
// something else than sending events.
type Tokens interface {
	IngestToken(ctx context.Context, text string) (Token, error)
}

// What Tokens say of a token that isn't good.
var (
	ErrNoToken    = errors.New("there is no such token")
	ErrOldToken   = errors.New("the token has expired")
	ErrOtherToken = errors.New("the token is not for sending events")
)

// Receipts remembers batches by their idempotency keys.
type Receipts interface {
	// Begin asks for a key before its batch is taken. Where it was taken
	// within a day, old is its receipt. Else the batch is the caller's, until
	// it calls done with the receipt that it put into the spool, or nil; who
	// asks for the same key meanwhile waits. An error says that no batch with
	// a key can be taken now.
	Begin(ctx context.Context, key [16]byte) (old *event.Receipt, done func(*event.Receipt), err error)
}
