package query_test

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/query"
)

// nothing is a database without rows.
type nothing struct{}

func (nothing) Select(context.Context, string, []query.Arg, func([]any) error) error { return nil }
