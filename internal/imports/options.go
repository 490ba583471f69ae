package imports

import (
	"time"

	"github.com/earshot-analytics/earshot/internal/meta"
	"github.com/earshot-analytics/earshot/internal/social"
)

// options say whose history it is.
type options struct {
	Site    meta.Site
	Now     time.Time
	Answers Answers
	// Network turns a network's name, as people write it, into its key.
	Network func(name string) (key string, ok bool)
	Pages   social.Pages // where posts lead; nil = no files of posts
	// Stopped says that nobody waits for the file any more; nil = never.
	Stopped func() bool
}

// now with the day that a network may be ahead.
func (o options) latest() time.Time { return o.Now.Add(24 * time.Hour) }
