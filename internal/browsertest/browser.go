// Package browsertest gives tests a real Chromium: a shared browser, a private
// tab (own cookies, own storage) for each test, screenshots and accessibility
// checks. Only tests import it.
//
// Pages under test live on 127.0.0.1, localhost or a name ending in .test
// (resolved to 127.0.0.1; those in .earshot.test count as secure contexts, as
// https pages do). Every other name fails to resolve: a test can click a link
// to a public site and nothing leaves the machine.
package browsertest

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/earshot-analytics/earshot/internal/browsertest/chromium"
)

// Browser is one Chromium process. The zero value is ready: the process starts
// with the first tab. Close ends it. Tabs may be opened from parallel tests.
type Browser struct {
	once   sync.Once
	ctx    context.Context
	cancel func()
	err    error
}

// New returns a browser that is closed when t ends. A package with many browser
// tests keeps one Browser in a variable of its TestMain instead, so that
// Chromium starts once.
func New(t testing.TB) *Browser {
	t.Helper()
	b := new(Browser)
	t.Cleanup(b.Close)
	return b
}

// Tab opens a tab of its own browser context (nothing shared with other tabs)
// that is closed when t ends. It skips the test where no Chromium is installed,
// and fails it where CI is set. -short leaves out all that needs a browser.
func (b *Browser) Tab(t testing.TB) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("in a browser")
	}
	b.once.Do(func() { b.ctx, b.cancel, b.err = chromium.Start() })
	if errors.Is(b.err, chromium.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(b.err)
	}
	if b.err != nil {
		t.Fatalf("start chromium: %v", b.err)
	}
	return newTab(t, b.ctx)
}

// Close ends the process and waits until it is gone. It is safe to call it on a
// browser that never started.
func (b *Browser) Close() {
	if b.ctx == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	_ = chromedp.Cancel(ctx) // a browser that will not close is killed by cancel
	b.cancel()
}
