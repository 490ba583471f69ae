package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// upload receives a client's file completely, however slowly it comes, before do
// begins to work on it: so a slow upload never holds the turns and locks that do
// needs. The file waits in the same storage as answers.
func (s *Server) upload(ctx context.Context, file io.Reader, do func(io.Reader) error) error {
	x, err := s.answers.begin(ctx)
	if err != nil {
		return err
	}
	defer s.drop(x)
	if _, err := io.Copy(x, file); err != nil {
		return fmt.Errorf("take a file in: %w", err)
	}
	return do(x.reader())
}

func (s *Server) drop(x *outgoing) {
	if err := x.close(); err != nil {
		s.Log.Error("a temporary file stays", "err", err)
	}
}

// answer has make write the body of an answer, and sends it with its headers once
// it is complete.
func (s *Server) answer(ctx context.Context, c *gin.Context, header map[string]string, make func(io.Writer) error) error {
	x, err := s.answers.begin(ctx)
	if err != nil {
		return err
	}
	defer s.drop(x)
	if err := make(x); err != nil {
		return err
	}
	h := c.Writer.Header()
	for name, value := range header {
		h.Set(name, value)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.FormatInt(x.len(), 10))
	c.Status(http.StatusOK)
	if err := x.send(c.Writer); err != nil {
		// Half a file must not look like a whole one: break the connection.
		s.Log.Debug("a client went away, or read too slowly", "request", requestOf(c).id, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
