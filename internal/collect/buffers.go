package collect

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/earshot-analytics/earshot/internal/event"
)

const (
	maxBodies = 64 << 20 // of all requests together, beyond what each may have
	freeBody  = 4 << 10  // what each may have
	// maxBodiesOfOne is what events from one address may have of maxBodies.
	maxBodiesOfOne = 16 << 20
)

var (
	errTooLarge = errors.New("body too large")
	errNoMemory = errors.New("too many large bodies at once")
)

// buffers are the memory of one request.
type buffers struct {
	body []byte
	held int64        // of the shared budget
	who  netip.Prefix // whose part of it that is; invalid = nobody's
	recs []byte
	ends []int
	list [][]byte
}

const keepBuffer = 64 << 10 // bytes that an idle buffer may hold on to

// readBody reads a body of at most limit bytes. Memory is taken as the body
// comes, so that who only says that much will come holds nothing.
func (b *buffers) readBody(r *http.Request, limit int, shared *budget) error {
	if r.ContentLength > int64(limit) {
		return errTooLarge
	}
	if b.body == nil {
		b.body = make([]byte, 0, freeBody)
	}
	for {
		if len(b.body) == cap(b.body) {
			size := min(4*cap(b.body), limit+1)
			if r.ContentLength > 0 {
				size = min(size, max(int(r.ContentLength)+1, cap(b.body)+1))
			}
			if !shared.take(int64(size)-b.held, b.who) {
				return errNoMemory
			}
			b.held = int64(size)
			b.body = append(make([]byte, 0, size), b.body...)
		}
		n, err := r.Body.Read(b.body[len(b.body):cap(b.body)])
		b.body = b.body[:len(b.body)+n]
		switch {
		case len(b.body) > limit:
			return errTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (b *buffers) add(e *event.Event) {
	b.recs = event.AppendEvent(b.recs, e)
	b.ends = append(b.ends, len(b.recs))
}

// cut takes back what was added from the n-th on.
func (b *buffers) cut(n int) {
	b.ends = b.ends[:n]
	end := 0
	if n > 0 {
		end = b.ends[n-1]
	}
	b.recs = b.recs[:end]
}

func (b *buffers) records() [][]byte {
	from := 0
	for _, end := range b.ends {
		b.list = append(b.list, b.recs[from:end:end])
		from = end
	}
	return b.list
}

// budget is memory that requests share. Of it an address may have maxBodiesOfOne.
type budget struct {
	left atomic.Int64
	mu   sync.Mutex
	of   map[netip.Prefix]int64
}

// take takes n bytes for an address; who is invalid where it has no bound of
// its own.
func (b *budget) take(n int64, who netip.Prefix) bool {
	if b.left.Add(-n) < 0 {
		b.left.Add(n)
		return false
	}
	if !who.IsValid() {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of[who]+n > maxBodiesOfOne {
		b.left.Add(n)
		return false
	}
	if b.of == nil {
		b.of = map[netip.Prefix]int64{}
	}
	b.of[who] += n
	return true
}

func (b *budget) give(n int64, who netip.Prefix) {
	b.left.Add(n)
	if n == 0 || !who.IsValid() {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of[who] -= n; b.of[who] <= 0 {
		delete(b.of, who)
	}
}
