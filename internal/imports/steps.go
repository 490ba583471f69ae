package imports

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/text"
)

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

// ErrGone is Apply's or Undo's answer for an import in another state.
var ErrGone = errors.New("the import is gone, or was done or undone before")

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

// importSteps is what an import does with readings of one kind.
type importSteps interface {
	preview(ctx context.Context, i *Importer, site meta.Site, f File, t *table) (*Preview, error)
	apply(ctx context.Context, i *Importer, imp meta.Import) (readings int, err error)
	undo(ctx context.Context, i *Importer, imp meta.Import) error
	help() string
	// named says that a file has the columns of a kind without a form of its own.
	named(t *table) bool
}

// Kinds are those of files, in the order that people are shown them.
func Kinds() (names []string) {
	for _, e := range event.Entries() {
		if e.Imported() {
			names = append(names, e.Name)
		}
	}
	return names
}

func kindOf(name string) (importSteps, error) {
	switch e, ok := event.ByName(name); {
	case !ok || !e.Imported():
		return nil, fmt.Errorf("imports of %q are unknown to this version", name)
	case e == event.Followers.About():
		return followerReadings, nil
	case e == event.Posts.About():
		return postReadings, nil
	case e == event.Insights.About():
		return insightReadings, nil
	default:
		return columnReadings(e), nil
	}
}

// Help says what a file of a kind has, for a command's help.
func Help(e *event.Entry) string {
	k, err := kindOf(e.Name)
	if err != nil {
		return ""
	}
	return k.help()
}

// kind tells by its columns what a file holds.
func (t *table) kind() string {
	is := func(kind string, names ...string) bool {
		return slices.ContainsFunc(headingsOf[kind], func(h heading) bool {
			return slices.Contains(names, h.name) && t.titled(h.titles...)
		})
	}
	for _, e := range event.Entries() {
		if k, err := kindOf(e.Name); err == nil && k.named(t) {
			return e.Name
		}
	}
	dated := slices.ContainsFunc(ownHeadings[0].titles, func(title string) bool { return t.titled(title) })
	switch {
	case t.titled("page") && t.ownForm():
		return event.Posts.Name
	case t.youtube():
		if dated {
			return event.Insights.Name // its days
		}
		return event.Posts.Name
	case is(event.Posts.Name, "post", "published"):
		return event.Posts.Name
	case t.titled(headingsOf[event.Followers.Name][0].titles[:7]...), t.ownForm() && is(event.Followers.Name, "followers"):
		return event.Followers.Name
	case t.titled("total followers") && !t.gained():
		return event.Followers.Name
	case t.has("insight") && t.has("value"), slices.ContainsFunc(t.columns, knownInsight), t.hasPrimary(), t.gained():
		return event.Insights.Name
	}
	return event.Followers.Name
}
