package query_test

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// nothing is a database without rows.
type nothing struct{}

func (nothing) Select(context.Context, string, []rows.Arg, func(*rows.Row) error) error { return nil }
