package imports

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Readings is where readings are stored; internal/clickhouse has it.
type Readings interface {
	rows.Runner
	Insert(ctx context.Context, token string, facts event.Rows) error
	// RemoveImported deletes what has this origin of a kind of fact.
	RemoveImported(ctx context.Context, e *event.Entry, site uint32, origin string) error
}

// Book is the book of imports; internal/meta has it.
type Book interface {
	AddImport(ctx context.Context, i meta.Import) (meta.Import, error)
	Imports(ctx context.Context, site uint32) ([]meta.Import, error)
	ImportByID(ctx context.Context, site uint32, id int64) (meta.Import, error)
	PlanImport(ctx context.Context, i meta.Import) error
	FinishImport(ctx context.Context, site uint32, id int64) error
	UndoneImport(ctx context.Context, site uint32, id int64) error
	// KeepImportFile keeps a file for a day.
	KeepImportFile(ctx context.Context, f meta.ImportFile) (id int64, err error)
	ImportFileByID(ctx context.Context, site uint32, id int64) (meta.ImportFile, error)
}

// Importer takes histories of followers, of posts and of networks' own
// statistics in, in two steps, and takes them back.
//
// Preview stores nothing in the statistics. Apply writes down what it will
// replace before it replaces it, so that Undo can put it back; each step may
// be repeated after a crash and then changes nothing more.
type Importer struct {
	Readings Readings
	Book     Book
	Network  func(name string) (key string, ok bool)
	Pages    social.Pages // for files of posts
	Now      func() time.Time
	// Limit is how long each of the steps may take; 0 = as long as they like.
	Limit time.Duration
}

// within bounds a step in time.
func (i *Importer) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if i.Limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, i.Limit, errSlow)
}

var errSlow = errors.New("an import takes too long")

// Preview says what an import would do.
type Preview struct {
	ID                 int64  // for Apply; 0 = there is nothing to store
	Kind               string // as meta.Import has it
	Name               string
	New, Changed, Same int // readings, by what stands there now
	Accounts           []PreviewAccount
	Errors             []LineError // lines that would be left out
	Questions          []Question  // open ones have to be answered before there is anything to store
	Times              []WrittenTime
	Days               bool     // Times are days
	LeftOut            []string // figures that don't add up, where lines are added up
	File               int64    // the file that is kept to be read again; 0 = none is
}

// Open says that a question has to be answered.
func (p *Preview) Open() bool {
	return slices.ContainsFunc(p.Questions, func(q Question) bool { return q.Open })
}

// PreviewAccount is what a file has of one account, of a file of insights what
// it has of one of them.
type PreviewAccount struct {
	Network, Account   string
	Insight            string // of a file of insights
	From, To           time.Time
	First, Last        float64 // followers, or the insight's value, then
	Posts              int     // of a file of posts
	New, Changed, Same int
}

// File is a CSV file to look at.
type File struct {
	Name string
	Kind string // as meta.Import has it, or FeedLog; "" = its columns tell
	// Columns that the file lacks, the same in all of its lines: a network's
	// own file names neither the network nor the account.
	Network, Account string // of FeedLog, Account is the feed's path
	Answers          Answers
	Keep             bool // keep it for Again, where it leaves something open
	Content          io.Reader
}

// FeedLog is the kind of an access log whose readers of a feed are counted: it
// becomes an import of followers.
const FeedLog = "feed"

// ErrGone is Apply's or Undo's answer for an import in another state.
var ErrGone = errors.New("the import is gone, or was done or undone before")

// Preview reads a file and compares it with what is stored.
func (i *Importer) Preview(ctx context.Context, site meta.Site, f File) (*Preview, error) {
	ctx, cancel := i.within(ctx)
	defer cancel()
	f.Name = text.Short(f.Name, maxEcho)
	f.Content = &untilDone{ctx, f.Content}
	p, err := i.look(ctx, site, f)
	if errors.Is(context.Cause(ctx), errSlow) {
		p, err = &Preview{Name: f.Name, Kind: f.Kind, Errors: []LineError{{Line: 1, Key: TooSlow, Against: strconv.Itoa(int(i.Limit.Minutes()))}}}, nil
	}
	if p != nil {
		p.shorten()
	}
	return p, err
}

// untilDone is read until a context ends.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (u *untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(b)
}

func (i *Importer) look(ctx context.Context, site meta.Site, f File) (*Preview, error) {
	if f.Kind == FeedLog {
		return i.previewLog(ctx, site, f)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if f.Keep {
		f.Content = io.TeeReader(f.Content, z)
	}
	t, err := readTable(f.Content)
	if err != nil {
		return nil, err
	}
	t.say("network", f.Network)
	t.say("account", f.Account)
	k, err := kindOf(cmp.Or(f.Kind, t.kind()))
	if err != nil {
		return nil, err
	}
	p, err := k.preview(ctx, i, site, f, t)
	if err != nil || !f.Keep || len(p.Questions) == 0 {
		return p, err
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack the file: %w", err)
	}
	p.File, err = i.Book.KeepImportFile(ctx, meta.ImportFile{Site: site.ID, Name: f.Name, Data: packed.Bytes()})
	return p, err
}

// Again reads a file anew that Preview kept, with the answers in f, whose name
// and content are the file's.
func (i *Importer) Again(ctx context.Context, site meta.Site, id int64, f File) (*Preview, error) {
	kept, err := i.Book.ImportFileByID(ctx, site.ID, id)
	if err != nil {
		return nil, err
	}
	content, err := gzip.NewReader(bytes.NewReader(kept.Data))
	if err != nil {
		return nil, fmt.Errorf("unpack the file: %w", err)
	}
	f.Name, f.Content, f.Keep = kept.Name, content, false
	p, err := i.Preview(ctx, site, f)
	if p != nil && len(p.Questions) > 0 {
		p.File = id
	}
	return p, err
}

// previewLog is PreviewFeed of a file that people chose, plain or in gzip: what
// is wrong with it is said as of other files.
func (i *Importer) previewLog(ctx context.Context, site meta.Site, f File) (*Preview, error) {
	wrong := func(e LineError) (*Preview, error) {
		return &Preview{Name: f.Name, Kind: meta.ImportFollowers, Errors: []LineError{e}}, nil
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

// Apply stores an import that was looked at, and says how many readings that
// were.
func (i *Importer) Apply(ctx context.Context, site meta.Site, id int64) (readings int, err error) {
	ctx, cancel := i.within(ctx)
	defer cancel()
	imp, err := i.Book.ImportByID(ctx, site.ID, id)
	if err != nil {
		return 0, err
	}
	if !imp.Done.IsZero() || !imp.Undone.IsZero() {
		return 0, ErrGone
	}
	k, err := kindOf(imp.Kind)
	if err != nil {
		return 0, err
	}
	if readings, err = k.apply(ctx, i, imp); err != nil {
		return 0, err
	}
	return readings, i.Book.FinishImport(ctx, site.ID, id)
}

// Undo takes an import's readings away and puts back what they replaced,
// except where a later import has another reading. Of what they replaced and
// was itself taken back since, what that had replaced is put back.
func (i *Importer) Undo(ctx context.Context, site meta.Site, id int64) error {
	ctx, cancel := i.within(ctx)
	defer cancel()
	imp, err := i.Book.ImportByID(ctx, site.ID, id)
	if err != nil {
		return err
	}
	if imp.Replaced == nil || !imp.Undone.IsZero() {
		return ErrGone
	}
	k, err := kindOf(imp.Kind)
	if err != nil {
		return err
	}
	if err := k.undo(ctx, i, imp); err != nil {
		return err
	}
	return i.Book.UndoneImport(ctx, site.ID, id)
}

func importOrigin(id int64) string { return event.OriginImport + ":" + strconv.FormatInt(id, 10) }

// readings is what an import does with readings of one kind.
type readings interface {
	preview(ctx context.Context, i *Importer, site meta.Site, f File, t *table) (*Preview, error)
	apply(ctx context.Context, i *Importer, imp meta.Import) (readings int, err error)
	undo(ctx context.Context, i *Importer, imp meta.Import) error
}

func kindOf(name string) (readings, error) {
	switch name {
	case meta.ImportFollowers:
		return followerReadings, nil
	case meta.ImportPosts:
		return postReadings, nil
	case meta.ImportInsights:
		return insightReadings, nil
	}
	return nil, fmt.Errorf("imports of %q are unknown to this version", name)
}
