package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/rows"
)

// ErrUnavailable says that ClickHouse cannot be reached: trying again later is
// right, and nothing is wrong with the statement. What an insert did by then
// is not known; the same token again is safe.
var ErrUnavailable = errors.New("ClickHouse cannot be reached")

// Codes of ClickHouse's own, from its ErrorCodes.cpp.
const (
	codeTimeout   = 159 // TIMEOUT_EXCEEDED
	codeMemory    = 241 // MEMORY_LIMIT_EXCEEDED
	codeCancelled = 394 // QUERY_WAS_CANCELLED
	codePattern   = 427 // CANNOT_COMPILE_REGEXP
)

// wrap says what was being done. An error that only tells of the context's end
// becomes the context's: the driver reports many of these as "i/o timeout".
func wrap(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil {
		return fmt.Errorf("%s: %w", doing, ctxErr)
	}
	// The connection has the context's deadline too, and may be the first to
	// notice.
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < 100*time.Millisecond && errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%s: %w", doing, context.DeadlineExceeded)
	}
	var exc *driver.Exception
	if errors.As(err, &exc) {
		switch exc.Code {
		case codeTimeout:
			return fmt.Errorf("%s: %w: %w", doing, context.DeadlineExceeded, err)
		case codeMemory:
			return fmt.Errorf("%s: %w: %w", doing, rows.ErrMemory, err)
		case codeCancelled:
			return fmt.Errorf("%s: %w: %w", doing, context.Canceled, err)
		case codePattern:
			return fmt.Errorf("%s: %w", doing, query.RefusedPattern(patternWords(exc.Message)))
		}
		return fmt.Errorf("%s: %w", doing, err)
	}
	if isNetwork(err) {
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// patternWords are what ClickHouse says of a pattern, without how and where its
// own statement has it.
func patternWords(message string) string {
	_, words, _ := strings.Cut(message, "cannot compile re2: ")
	words, _, _ = strings.Cut(words, ". Look at ")
	return cmp.Or(words, "it is no regular expression (re2)")
}

func isNetwork(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, driver.ErrAcquireConnTimeout)
}
