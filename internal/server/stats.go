package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/query"
	"github.com/earshot-analytics/earshot/internal/query/statsapi"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// statsTimeout bounds a question of the Stats API.
const statsTimeout = 60 * time.Second

// Sentences of the Stats API, which speaks English as its field names do.
const (
	noKey    = `Give an API key: the header "Authorization: Bearer KEY" with a token made in the site's settings.`
	wrongKey = "This API key is not valid, or not for this site."
	oldKey   = "This API key expired on %s. Make another in the site's settings."
)

// stats answers POST /api/v2/query: Plausible's Stats API and more, as JSON or,
// for Accept: text/csv, the same rows as CSV. It needs a token, not a session.
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
	if errors.Is(err, meta.ErrExpired) {
		return &Error{Status: http.StatusUnauthorized, Text: fmt.Sprintf(oldKey, token.Expires.Format(time.DateOnly))}
	}
	if errors.Is(err, meta.ErrNotFound) || err == nil && token.Kind != meta.TokenStats {
		return &Error{Status: http.StatusUnauthorized, Text: wrongKey}
	} else if err != nil {
		return err
	}
	ctx = turn.With(ctx, turn.Asker{Class: turn.Token, Key: strconv.FormatInt(token.ID, 10)})
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
		return s.answer(ctx, c, map[string]string{"Content-Type": csvType}, func(w io.Writer) error {
			return query.StreamCSV(ctx, s.Runner, q, w, query.CSVOptions{Lang: "en"})
		})
	}
	return s.answer(ctx, c, jsonHeader(), func(w io.Writer) error {
		res, err := query.Run(ctx, s.Runner, q)
		if err != nil {
			return err
		}
		return json.NewEncoder(w).Encode(req.Respond(res))
	})
}

// statsQuery makes a query of a request. The token must be for the request's site;
// an unknown site gets the same answer as a site that the token isn't for.
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
	qs, err := s.panels.Recorded(ctx, site)
	if err != nil {
		return query.Query{}, err
	}
	if req.NeedsSince() {
		if qs.Since, err = query.AskSince(ctx, s.Runner, qs); err != nil {
			return query.Query{}, err
		}
	}
	return req.Query(qs, s.Now())
}

// wantsCSV reports whether Accept names text/csv before any JSON.
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
