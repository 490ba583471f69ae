package lane

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// conn is a connection in the lane, with the memory that its requests use one
// after the other.
type conn struct {
	l    *Listener
	nc   net.Conn
	turn turn // nc as well, where it wants to know; else nil

	buf      []byte // what has been read and not answered: its first n bytes
	n        int
	deadline time.Time // for reading and writing, moved on rarely
	begun    bool      // a request has been answered

	head head
	req  http.Request
	url  url.URL
	body body
	res  response
	out  []byte
}

// turn is a connection that is told when a request of it has come, and when
// that is answered. Work gives false where the connection was closed
// meanwhile. internal/connections has them.
type turn interface {
	Work() bool
	Wait()
}

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

func newConn(l *Listener, nc net.Conn) *conn {
	c := &conn{l: l, nc: nc, buf: make([]byte, firstRoom)}
	c.turn, _ = nc.(turn)
	c.req = *(&http.Request{
		Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, RemoteAddr: nc.RemoteAddr().String(),
	}).WithContext(context.WithValue(context.Background(), http.LocalAddrContextKey, nc.LocalAddr()))
	c.res.header = http.Header{}
	return c
}

// serve answers requests until the connection ends, which is pass = false, or
// until one comes that is net/http's; its bytes are in buf then.
func (c *conn) serve() (pass bool) {
	for {
		v := more
		if c.n > 0 {
			v = c.head.parse(c.buf[:c.n], c.l.o.Paths)
		}
		switch v {
		case strange:
			return true
		case more:
			if !c.read() {
				return false
			}
		case plain:
			if !c.answer() {
				return false
			}
			if c.n = copy(c.buf, c.buf[c.head.size:c.n]); c.n > 0 {
				c.setDeadline(time.Now().Add(c.l.o.Whole)) // the next is on its way already
			}
		}
	}
}

// read waits for more bytes. A deadline costs a timer in the runtime: between
// two requests it is moved on only once in a while.
func (c *conn) read() bool {
	now := time.Now()
	if c.n == 0 && len(c.buf) > firstRoom {
		c.buf = make([]byte, firstRoom) // idle connections hold no more than they began with
	}
	if c.n > 0 || !c.begun {
		if whole := now.Add(c.l.o.Whole); c.deadline.IsZero() || c.deadline.After(whole) {
			c.setDeadline(whole)
		}
	} else if idle := now.Add(c.l.o.Idle); idle.Sub(c.deadline) > c.l.o.Idle/16 {
		c.setDeadline(idle)
	}
	if c.n == len(c.buf) {
		bigger := make([]byte, min(2*len(c.buf), maxRequest))
		copy(bigger, c.buf)
		c.buf = bigger
	}
	n, err := c.nc.Read(c.buf[c.n:])
	c.n += n
	return err == nil
}

func (c *conn) setDeadline(t time.Time) {
	c.deadline = t
	_ = c.nc.SetDeadline(t) // a connection that is gone says so when it is read
	if c.l.closing.Load() {
		c.hurry() // Shutdown's must not be lost
	}
}

// hurry ends a wait for a request.
func (c *conn) hurry() { _ = c.nc.SetReadDeadline(time.Unix(1, 0)) }

// answer has the handler answer the request in head, and says whether the
// connection goes on.
func (c *conn) answer() bool {
	h, r := &c.head, &c.req
	clear(r.Header)
	for i, key := range h.keys[:h.n] {
		if key == "Host" {
			continue // net/http has it in a place of its own
		}
		if v, ok := r.Header[key]; ok {
			r.Header[key] = append(v, h.vals[i])
		} else {
			r.Header[key] = h.vals[i : i+1 : i+1]
		}
	}
	c.url = url.URL{Path: h.path}
	r.URL, r.Host, r.RequestURI = &c.url, h.host, h.path
	r.ContentLength = int64(h.length)
	c.body.Reset(c.buf[h.size-h.length : h.size])
	r.Body = &c.body

	c.res.reset()
	if c.turn != nil && !c.turn.Work() {
		return false
	}
	c.l.o.Handler.ServeHTTP(&c.res, r)

	last := c.res.closes() || c.l.closing.Load()
	c.out = c.res.append(c.out[:0], last)
	_, err := c.nc.Write(c.out)
	if c.turn != nil {
		c.turn.Wait()
	}
	c.begun = true
	return err == nil && !last
}

// response gathers an answer, which is sent in one piece.
type response struct {
	header http.Header
	status int
	body   []byte
}

const keepBody = 4 << 10 // bytes that a connection holds on to for its next answer

func (r *response) reset() {
	clear(r.header)
	r.status = 0
	if cap(r.body) > keepBody {
		r.body = nil
	}
	r.body = r.body[:0]
}

// Header is http.ResponseWriter's.
func (r *response) Header() http.Header { return r.header }

// WriteHeader is http.ResponseWriter's. Informational answers are not sent.
func (r *response) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
}

// Write is http.ResponseWriter's.
func (r *response) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body = append(r.body, b...)
	return len(b), nil
}

// WriteString is io.StringWriter's.
func (r *response) WriteString(s string) (int, error) {
	r.WriteHeader(http.StatusOK)
	r.body = append(r.body, s...)
	return len(s), nil
}

func (r *response) closes() bool {
	v := r.header["Connection"]
	return len(v) > 0 && v[0] == "close"
}

// append puts the answer behind b as it goes over the wire.
func (r *response) append(b []byte, last bool) []byte {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(r.status), 10)
	b = append(b, ' ')
	b = append(b, http.StatusText(r.status)...)
	b = append(b, "\r\nDate: "...)
	b = appendDate(b)
	b = append(b, "\r\n"...)
	bodied := r.status != http.StatusNoContent && r.status != http.StatusNotModified
	if bodied {
		if _, ok := r.header["Content-Type"]; !ok && len(r.body) > 0 {
			r.header.Set("Content-Type", http.DetectContentType(r.body))
		}
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, int64(len(r.body)), 10)
		b = append(b, "\r\n"...)
	}
	for key, values := range r.header {
		switch key {
		case "Date", "Content-Length", "Connection", "Transfer-Encoding":
			continue // this package's own
		}
		for _, v := range values {
			b = append(b, key...)
			b = append(b, ": "...)
			for i := range len(v) {
				ch := v[i]
				if ch == '\r' || ch == '\n' {
					ch = ' '
				}
				b = append(b, ch)
			}
			b = append(b, "\r\n"...)
		}
	}
	if last {
		b = append(b, "Connection: close\r\n"...)
	}
	b = append(b, "\r\n"...)
	if bodied {
		b = append(b, r.body...)
	}
	return b
}

func appendDate(b []byte) []byte { return time.Now().UTC().AppendFormat(b, http.TimeFormat) }
