package server

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/earshot-analytics/earshot/internal/rows"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// Who asks has a turn at the database and at answers in kind: a session, a
// token of the Stats API, or a stranger's address. begin takes everybody for a
// stranger until identify or the API's token says otherwise.

// asks notes who asks, for the rest of the request.
func asks(c *gin.Context, class turn.Class, key string) {
	c.Request = c.Request.WithContext(turn.With(c.Request.Context(), turn.Asker{Class: class, Key: key}))
}

// questionTimeout bounds one question, waiting included, whose handler sets no
// bound of its own.
const questionTimeout = time.Minute

// boundedRunner has no question take longer than questionTimeout.
type boundedRunner struct{ rows.Runner }

func (r boundedRunner) Select(ctx context.Context, sql string, args []rows.Arg, each func(*rows.Row) error) error {
	ctx, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	return r.Runner.Select(ctx, sql, args, each)
}
