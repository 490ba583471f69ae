// Package imports takes in files of readings that others have made: histories
// of followers, figures of posts, networks' own statistics, and access logs
// whose readers of a feed are counted. cmd/earshot makes its Importer, the
// settings page and the command line call it. It stores nothing that was not
// looked at first, and nothing that can't be taken back.
package imports

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/social"
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
