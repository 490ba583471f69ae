package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/turn"
)

// An answer of any length is sent as it was written, and leaves no file.
func TestLongAnswersWaitInFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "answers")
	a, err := newAnswers(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, answerMemory - 1, answerMemory, answerMemory + 1, 3*answerMemory + 7} {
		x, err := a.begin(turn.With(t.Context(), turn.Asker{Class: turn.User, Key: "ada"}))
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Repeat([]byte("0123456789\n"), size/11+1)[:size]
		for rest := want; len(rest) > 0; rest = rest[min(1000, len(rest)):] {
			if _, err := x.Write(rest[:min(1000, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		var got bytes.Buffer
		if err := x.send(&got); err != nil || !bytes.Equal(got.Bytes(), want) || x.len() != int64(size) {
			t.Errorf("%d bytes came as %d (%d), %v", size, got.Len(), x.len(), err)
		}
		if err := x.close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if len(a.class) > 0 && a.class[turn.User] != 0 || len(a.asker) > 0 {
		t.Errorf("still counted: %v %v", a.class, a.asker)
	}
}

// The next start removes what a killed process left, and no other files.
func TestAnswersLeftOverAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"earshot-answer-123", "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := newAnswers(dir, nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "mine" {
		t.Errorf("left: %v", left)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	a, err := newAnswers(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a.most = answersPublic - answerMemory // so that two don't fit
	begin := func(class turn.Class, key string) *outgoing {
		x, err := a.begin(turn.With(t.Context(), turn.Asker{Class: class, Key: key}))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	fill := func(x *outgoing, n int64) error {
		_, err := io.CopyN(x, neverEnding{}, n)
		return err
	}
	first := begin(turn.Stranger, "a")
	if err := fill(first, a.most+answerMemory); err != nil {
		t.Fatal(err)
	}
	var e *Error
	if err := fill(first, 1); !errors.As(err, &e) || e.Key != "dash.file_large" {
		t.Errorf("one too long: %v", err)
	}
	second := begin(turn.Stranger, "b")
	if err := fill(second, 3*answerMemory); !errors.Is(err, errNoRoom) {
		t.Errorf("no room is left: %v", err)
	}
	if err := fill(begin(turn.User, "ada"), 3*answerMemory); err != nil {
		t.Errorf("strangers take a user's room: %v", err)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	if err := fill(begin(turn.Stranger, "b"), 3*answerMemory); err != nil {
		t.Errorf("room doesn't come back: %v", err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(b []byte) (int, error) { return len(b), nil }

// Instead of too long a file, the answer is an error that says so.
func TestTooLongFileIsAnError(t *testing.T) {
	owner, _ := crowdedRig(t, 2000)
	owner.server.answers.most = 1 << 10
	a := owner.get("/demo.example/overview/pages.csv?period=today&limit=all&lang=fr")
	if a.status != http.StatusBadRequest || !strings.Contains(a.body, "Ce fichier dépasserait 0 Mio") || strings.Contains(a.header.Get("Content-Type"), "csv") || a.header.Get("Content-Disposition") != "" {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
}

// With too many requests at once, the answer is 429 if they are the asker's own,
// else 503, with Retry-After.
func TestTooManyRequestsAtOnce(t *testing.T) {
	r := newRig(t, nil)
	for _, c := range []struct {
		full   turn.FullError
		status int
	}{{turn.FullError{Own: true}, http.StatusTooManyRequests}, {turn.FullError{}, http.StatusServiceUnavailable}} {
		w := httptest.NewRecorder()
		ctx, _ := gin.CreateTestContext(w)
		ctx.Request = httptest.NewRequest("GET", "/x.json", nil)
		r.server.fail(ctx, &c.full)
		if w.Code != c.status || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), "Too many requests at once") {
			t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
		}
	}
}

// The connection of a client that reads nothing is closed; that of a slow one isn't.
func TestWritesHaveADeadline(t *testing.T) {
	const size = 4 << 20
	ended := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		p := &patientWriter{ResponseWriter: w, conn: http.NewResponseController(w), piece: 16 << 10, stall: 2 * time.Second, whole: time.Minute}
		n, err := p.Write(make([]byte, size))
		if err == nil && n != size {
			err = io.ErrShortWrite
		}
		if err != nil {
			if _, again := p.Write([]byte("x")); again == nil {
				err = errors.New("an answer goes on after a hole")
			}
		}
		ended <- err
	}))
	defer s.Close()
	ask := func(buffer int) net.Conn {
		c, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.(*net.TCPConn).SetReadBuffer(buffer)
		if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return c
	}
	unread := ask(4 << 10)
	defer unread.Close()
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a client that reads nothing: %v", err)
	}
	slow := ask(256 << 10)
	defer slow.Close()
	buf := make([]byte, size/8)
	n := 0
	for n < size {
		m, err := io.ReadAtLeast(slow, buf, len(buf)/2)
		if n += m; err != nil {
			break
		}
		time.Sleep(30 * time.Millisecond)
	}
	if err := <-ended; err != nil || n < size {
		t.Errorf("a slow client got %d bytes: %v", n, err)
	}
}
