package connections

import (
	"context"
	"net"
	"net/http"
)

// of finds the Conn that nc is, or has been made from.
func of(nc net.Conn) *Conn {
	for {
		switch c := nc.(type) {
		case *Conn:
			return c
		case interface{ NetConn() net.Conn }:
			nc = c.NetConn()
		default:
			return nil
		}
	}
}

type key struct{}

// Context is for http.Server.ConnContext.
func Context(ctx context.Context, nc net.Conn) context.Context {
	if c := of(nc); c != nil {
		return context.WithValue(ctx, key{}, c)
	}
	return ctx
}

// State is for http.Server.ConnState: an answer is out when its connection
// becomes idle.
func State(nc net.Conn, s http.ConnState) {
	if s != http.StateIdle {
		return
	}
	if c := of(nc); c != nil {
		c.Wait()
	}
}

// Handler tells a request's connection that it works. It needs Context.
func Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(key{}).(*Conn); ok && !c.Work() {
			panic(http.ErrAbortHandler) // it gave way: nobody is there to be answered
		}
		h.ServeHTTP(w, r)
	})
}
