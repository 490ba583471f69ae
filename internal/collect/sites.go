package collect

import (
	"context"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Site is what collect needs to know of a site.
type Site struct {
	ID            uint32
	RespectOptOut bool // Global Privacy Control and Do-Not-Track are honoured
	event.PageRules
}

// Sites finds a site by its domain, in lower case and without "www.". It is
// asked for each event, so it answers from memory.
type Sites interface {
	Site(ctx context.Context, domain string) (site Site, known bool, err error)
}
