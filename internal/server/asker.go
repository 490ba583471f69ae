package server

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Turns at the database and at answers are given by who asks: a session, a token
// of the Stats API, or a stranger's address. After begin everybody is a stranger,
// until identify or the API's token says otherwise.

// asks sets who asks, for the rest of the request.
func asks(c *gin.Context, class turn.Class, key string) {
	c.Request = c.Request.WithContext(turn.With(c.Request.Context(), turn.Asker{Class: class, Key: key}))
}

// questionTimeout bounds a query, including its wait for a turn. Handlers may set
// a shorter timeout.
const questionTimeout = time.Minute

// boundedRunner sets questionTimeout on each query.
type boundedRunner struct{ rows.Runner }

func (r boundedRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	return r.Runner.Select(ctx, sql, args, each)
}
