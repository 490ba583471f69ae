package embedded

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// hello is the first packet of a native client.
func hello(database, user, password string) []byte {
	text := func(b []byte, s string) []byte {
		return append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	b := []byte{0} // Hello
	b = text(b, "abuse")
	for _, n := range []uint64{1, 1, 54460} {
		b = binary.AppendUvarint(b, n)
	}
	b = text(b, database)
	b = text(b, user)
	return text(b, password)
}

// TestBadHandshakes knocks at the engine's port in every wrong way known to
// have ended an engine without a terminal. It has to be the same process that
// answers afterwards, and a query that runs meanwhile has to finish.
func TestBadHandshakes(t *testing.T) {
	e := startEngine(t, Options{})
	conn := openConn(t, e)
	pid := e.PID()

	// send writes bytes; how says what comes after: "close", "reset", "read"
	// the answer, or "hold" the connection open.
	send := func(b []byte, how string) func(t *testing.T) {
		return func(t *testing.T) {
			c, err := net.Dial("tcp", e.Addr())
			if err != nil {
				t.Fatal(err)
			}
			c.SetDeadline(time.Now().Add(2 * time.Second))
			c.Write(b)
			switch how {
			case "reset":
				c.(*net.TCPConn).SetLinger(0)
				c.Close()
			case "read":
				c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
				c.Read(make([]byte, 4096))
				c.Close()
			case "hold":
				t.Cleanup(func() { c.Close() })
			default:
				c.Close()
			}
		}
	}
	login := func(user, password, database string) func(t *testing.T) {
		return func(t *testing.T) {
			c, err := clickhouse.Open(&clickhouse.Options{
				Addr: []string{e.Addr()},
				Auth: clickhouse.Auth{Username: user, Password: password, Database: database},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := c.Ping(ctx); err == nil {
				t.Error("was let in")
			}
		}
	}
	noise := make([]byte, 64<<10)
	rand.Read(noise)
	good := hello("", User, e.password)

	cases := []struct {
		name string
		do   func(t *testing.T)
	}{
		{"wrong password", login(User, "wrong", "")},
		{"no password", login(User, "", "")},
		{"unknown user", login("nobody", "x", "")},
		{"the local session's user", login("default", "", "")},
		{"unknown database", login(User, e.password, "missing")},
		{"a hostile user name", login("'; DROP DATABASE x; --\n\x00", "x", "")},
		{"nothing, closed", send(nil, "close")},
		{"nothing, reset", send(nil, "reset")},
		{"nothing, held open", send(nil, "hold")},
		{"random bytes", send(noise, "read")},
		{"random bytes, reset", send(noise, "reset")},
		{"an HTTP request", send([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "read")},
		{"an SSH banner", send([]byte("SSH-2.0-OpenSSH_9.9\r\n"), "read")},
		{"zeroes", send(make([]byte, 4096), "read")},
		{"half a hello, closed", send(good[:len(good)/2], "close")},
		{"half a hello, reset", send(good[:len(good)/2], "reset")},
		{"half a hello, held open", send(good[:len(good)/2], "hold")},
		{"a hello, reset before the answer", send(good, "reset")},
		{"a hello with a text of 4 GiB announced", send(append([]byte{0}, binary.AppendUvarint(nil, 4<<30)...), "read")},
		{"a hello, then garbage", send(append(bytes.Clone(good), noise...), "read")},
		{"a packet of an unknown kind", send([]byte{0xff, 0x01}, "read")},
		{"a wrong password, reset", send(hello("", User, "wrong"), "reset")},
		{"a proxy header", send([]byte("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"), "read")},
		{"a TLS hello", func(t *testing.T) {
			d := &tls.Dialer{NetDialer: &net.Dialer{Timeout: time.Second}, Config: &tls.Config{InsecureSkipVerify: true}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if c, err := d.DialContext(ctx, "tcp", e.Addr()); err == nil {
				c.Close()
				t.Error("TLS worked")
			}
		}},
		{"a query cut off", func(t *testing.T) {
			c, err := clickhouse.Open(&clickhouse.Options{Addr: []string{e.Addr()}, Auth: clickhouse.Auth{Username: User, Password: e.password}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := c.Exec(ctx, "SELECT sleep(1)"); err == nil {
				t.Error("a query outlived its time")
			}
		}},
	}

	meanwhile := make(chan error, 1)
	go func() {
		meanwhile <- conn.Exec(t.Context(), "SELECT sleepEachRow(0.5) FROM system.numbers LIMIT 3 SETTINGS max_block_size = 1")
	}()
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			c.do(t)
			if got := mustQuery(t, conn, "SELECT toUInt64(1)"); got != 1 {
				t.Errorf("answer %d", got)
			}
		})
	}
	if err := <-meanwhile; err != nil {
		t.Errorf("the query that ran meanwhile: %v", err)
	}
	if e.PID() != pid || !alive(pid) {
		t.Error("the engine is another process now")
	}
}
