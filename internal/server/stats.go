package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/query/statsapi"
)

// statsTimeout bounds a question of the Stats API.
const statsTimeout = 60 * time.Second

// Sentences of the Stats API, which speaks English as its field names do.
const (
	noKey    = `Give an API key: the header "Authorization: Bearer KEY" with a token made in the site's settings.`
	wrongKey = "This API key is not valid, or not for this site."
)

// stats answers POST /api/v2/query: Plausible's Stats API and more, as JSON or,
// for Accept: text/csv, the same rows as CSV. It needs no session but a token.
func (s *Server) stats(c *gin.Context) error {
	c.Header("Cache-Control", "no-store")
	key, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok || key == "" {
		c.Header("WWW-Authenticate", "Bearer")
		return &Error{Status: http.StatusUnauthorized, Text: noKey}
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), statsTimeout)
	defer cancel()
	token, err := s.Meta.TokenByPlain(ctx, key)
	if errors.Is(err, meta.ErrNotFound) || err == nil && token.Kind != meta.TokenStats {
		return &Error{Status: http.StatusUnauthorized, Text: wrongKey}
	} else if err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, statsapi.MaxBody))
	if err != nil {
		return err
	}
	req, err := statsapi.Decode(body)
	if err != nil {
		return err
	}
	q, err := s.statsQuery(ctx, token, req)
	if err != nil {
		return err
	}
	if err := query.CheckGoals(ctx, s.Runner, q); err != nil {
		return err
	}
	if wantsCSV(c.GetHeader("Accept")) {
		return s.statsCSV(ctx, c, q)
	}
	res, err := query.Run(ctx, s.Runner, q)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, req.Respond(res))
	return nil
}

// statsQuery finds the site, which the token must be for. A site that is not
// there and one that the token is not for get the same answer.
func (s *Server) statsQuery(ctx context.Context, token meta.Token, req statsapi.Request) (query.Query, error) {
	site, err := s.Meta.SiteByDomain(ctx, req.SiteID)
	if errors.Is(err, meta.ErrNotFound) || err == nil && token.SiteID != 0 && token.SiteID != site.ID {
		return query.Query{}, &Error{Status: http.StatusUnauthorized, Text: wrongKey}
	} else if err != nil {
		return query.Query{}, err
	}
	if s.Runner == nil {
		return query.Query{}, &Error{Status: http.StatusServiceUnavailable}
	}
	qs, err := s.querySite(ctx, site)
	if err != nil {
		return query.Query{}, err
	}
	if err := s.recorded(ctx, &qs); err != nil {
		return query.Query{}, err
	}
	if req.NeedsSince() {
		if qs.Since, err = query.Since(ctx, s.Runner, qs); err != nil {
			return query.Query{}, err
		}
	}
	return req.Query(qs, s.Now())
}

func (s *Server) statsCSV(ctx context.Context, c *gin.Context, q query.Query) error {
	c.Header("Content-Type", "text/csv; charset=utf-8; header=present")
	if err := query.StreamCSV(ctx, s.Runner, q, c.Writer, query.CSVOptions{Lang: "en"}); err != nil {
		if c.Writer.Written() {
			// Half a file is out: break the connection off, or it would
			// look like a whole one.
			s.Log.Error("csv broke off", "request", requestOf(c).id, "error", err)
			panic(http.ErrAbortHandler)
		}
		c.Writer.Header().Del("Content-Type")
		return err
	}
	return nil
}

// wantsCSV holds where Accept names text/csv before any JSON.
func wantsCSV(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		switch kind, _, _ := strings.Cut(strings.TrimSpace(part), ";"); kind {
		case "text/csv":
			return true
		case "application/json":
			return false
		}
	}
	return false
}
