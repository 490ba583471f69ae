package imports

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

// FeedLog is the kind of an access log whose readers of a feed are counted: it
// becomes an import of followers.
const FeedLog = "feed"

// previewLog is PreviewFeed of a file that people chose, plain or in gzip: what
// is wrong with it is said as of other files.
func (i *Importer) previewLog(ctx context.Context, site meta.Site, f File) (*Preview, error) {
	wrong := func(e LineError) (*Preview, error) {
		return &Preview{Name: f.Name, Kind: event.Followers.Name, Errors: []LineError{e}}, nil
	}
	if !strings.HasPrefix(f.Account, "/") {
		return wrong(LineError{Line: 1, Column: "account", Key: BadPath, Text: f.Account})
	}
	in := bufio.NewReader(f.Content)
	log := &io.LimitedReader{R: in, N: maxLog}
	if mark, _ := in.Peek(2); string(mark) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return wrong(LineError{Line: 1, Key: NoLog})
		}
		log.R = z
	}
	p, err := i.PreviewFeed(ctx, site, f.Name, log, []string{f.Account})
	if damaged := flate.CorruptInputError(0); errors.As(err, &damaged) {
		return wrong(LineError{Line: 1, Key: NoLog})
	}
	for _, broken := range []error{social.ErrNoLog, bufio.ErrTooLong, gzip.ErrHeader, gzip.ErrChecksum, io.ErrUnexpectedEOF} {
		if errors.Is(err, broken) {
			return wrong(LineError{Line: 1, Key: NoLog})
		}
	}
	if log.N == 0 || errors.Is(err, social.ErrManyReaders) {
		return wrong(LineError{Line: 1, Key: BigLog})
	}
	return p, err
}

// maxLog bounds a log, unpacked, in bytes. A test has less.
var maxLog int64 = 4 << 30

// PreviewFeed counts a feed's readers in an access log and compares them with
// what is stored.
func (i *Importer) PreviewFeed(ctx context.Context, site meta.Site, name string, log io.Reader, paths []string) (*Preview, error) {
	counts, err := social.ReadFeedLog(log, social.FeedOptions{Site: site.ID, Location: site.Location(), Paths: paths, Account: paths[0], Now: i.Now()})
	if err != nil {
		return nil, err
	}
	return followerReadings.offer(ctx, i, site, &Preview{Name: name}, counts)
}
