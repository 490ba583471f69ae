package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/turn"
)

// An answer from the database is complete before its first byte is sent: so the
// database never waits for a client, and a late error is answered as an error, not
// as half a file. The part beyond answerMemory waits in a temporary file.
//
// Limits, in bytes of such files. They keep answers from filling the disk, which
// internal/spool needs for events.
const (
	answerMemory  = 64 << 10
	answerMost    = 128 << 20 // one answer
	answersAsker  = 256 << 20 // of one asker
	answersUsers  = 512 << 20 // of all who are signed in, of all tokens
	answersPublic = 128 << 20 // of all strangers
)

// answerTurns bound the answers that are made or sent.
func answerTurns() turn.Limits {
	return turn.Limits{
		turn.User:     {Places: 256, Each: 64, Queue: 500, Line: 100},
		turn.Token:    {Places: 64, Each: 16, Queue: 100, Line: 20},
		turn.Stranger: {Places: 128, Each: 32, Queue: 500, Line: 100},
	}
}

const answerName = "earshot-answer-*"

// answerStore knows of all answers under way.
type answerStore struct {
	dir   string
	turns *turn.Turns
	most  int64 // bytes of one answer

	mu    sync.Mutex
	class map[turn.Class]int64 // bytes on disk
	asker map[turn.Asker]int64
}

// newAnswers puts temporary files into dir, "" = the system's directory for
// them. Files that a killed process left in dir are removed.
func newAnswers(dir string, reg prometheus.Registerer) (*answerStore, error) {
	a := &answerStore{
		dir: dir, turns: turn.New("answers", answerTurns(), reg), most: answerMost,
		class: map[turn.Class]int64{}, asker: map[turn.Asker]int64{},
	}
	if dir == "" {
		return a, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for answers: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, answerName))
	if err != nil {
		return nil, fmt.Errorf("look for answers left over: %w", err)
	}
	for _, name := range left {
		_ = os.Remove(name) // one that can't be removed is in use by another process
	}
	return a, nil
}

// outgoing is one answer, from the first byte written to the last one sent.
type outgoing struct {
	of    *answerStore
	who   turn.Asker
	done  func()
	first bytes.Buffer
	file  *os.File // what goes beyond answerMemory
	size  int64    // of the file
}

// begin waits for a place. close gives it back.
func (a *answerStore) begin(ctx context.Context) (*outgoing, error) {
	done, err := a.turns.Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("wait for room for an answer: %w", err)
	}
	return &outgoing{of: a, who: turn.Of(ctx), done: done}, nil
}

func (a *answerStore) reserve(who turn.Asker, n int64) error {
	most := int64(answersUsers)
	if who.Class == turn.Stranger {
		most = answersPublic
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.class[who.Class]+n > most || a.asker[who]+n > answersAsker {
		return errNoRoom
	}
	a.class[who.Class] += n
	a.asker[who] += n
	return nil
}

func (a *answerStore) release(who turn.Asker, n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.class[who.Class] -= n
	if a.asker[who] -= n; a.asker[who] == 0 {
		delete(a.asker, who)
	}
}

// Write is io.Writer's.
func (x *outgoing) Write(b []byte) (int, error) {
	n := min(len(b), answerMemory-x.first.Len())
	x.first.Write(b[:n])
	if n == len(b) {
		return n, nil
	}
	rest := b[n:]
	if x.size+int64(len(rest)) > x.of.most {
		return n, &Error{Status: http.StatusBadRequest, Key: "dash.file_large", Values: []any{"size", x.of.most >> 20}}
	}
	if err := x.of.reserve(x.who, int64(len(rest))); err != nil {
		return n, err
	}
	x.size += int64(len(rest))
	if x.file == nil {
		f, err := os.CreateTemp(x.of.dir, answerName)
		if err != nil {
			return n, fmt.Errorf("make a file for an answer: %w", err)
		}
		x.file = f
		_ = os.Remove(f.Name()) // where the system allows it, so that a killed process leaves no file
	}
	m, err := x.file.Write(rest)
	if err != nil {
		return n + m, fmt.Errorf("write an answer to its file: %w", err)
	}
	return len(b), nil
}

// len is the answer's bytes.
func (x *outgoing) len() int64 { return int64(x.first.Len()) + x.size }

// send writes the answer to a client, however slow.
func (x *outgoing) send(w io.Writer) error {
	if _, err := w.Write(x.first.Bytes()); err != nil || x.file == nil {
		return err
	}
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, io.NewSectionReader(x.file, 0, x.size), make([]byte, writePiece))
	return err
}

// reader reads what was written.
func (x *outgoing) reader() io.Reader {
	if x.file == nil {
		return bytes.NewReader(x.first.Bytes())
	}
	return io.MultiReader(bytes.NewReader(x.first.Bytes()), io.NewSectionReader(x.file, 0, x.size))
}

// close frees what the answer holds.
func (x *outgoing) close() error {
	defer x.done()
	x.of.release(x.who, x.size)
	if x.file == nil {
		return nil
	}
	err := x.file.Close()
	if gone := os.Remove(x.file.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

const csvType = "text/csv; charset=utf-8; header=present"

// csvHeader is the HTTP header of a CSV file to be saved under that name.
func csvHeader(name string) map[string]string {
	return map[string]string{"Content-Type": csvType, "Content-Disposition": mime.FormatMediaType("attachment", map[string]string{"filename": name})}
}

func jsonHeader() map[string]string {
	return map[string]string{"Content-Type": "application/json; charset=utf-8"}
}
