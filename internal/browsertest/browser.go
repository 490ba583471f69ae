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
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is one Chromium process. The zero value is ready: the process starts
// with the first tab. Close ends it. Tabs may be opened from parallel tests.
type Browser struct {
	once   sync.Once
	ctx    context.Context
	cancel context.CancelFunc
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
	b.once.Do(func() { b.start(path(t)) })
	if b.err != nil {
		t.Fatalf("start chromium: %v", b.err)
	}
	if b.ctx == nil {
		t.Skip("no browser, as said by an earlier test")
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

func (b *Browser) start(chromium string) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium),
		chromedp.Flag("headless", "new"),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
		// Share sheets and clipboards need a secure context, which plain http is
		// not; the pattern needs two labels.
		chromedp.Flag("unsafely-treat-insecure-origin-as-secure", "*.earshot.test"),
		// A reader's browser: navigator.webdriver is false. (A test that wants a
		// machine's calls emulation.SetAutomationOverride.)
		chromedp.Flag("enable-automation", false),
		chromedp.Flag("disable-blink-features", "AutomationControlled"),
		chromedp.WindowSize(1280, 800),
		chromedp.Flag("lang", "en-US"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if b.err = chromedp.Do(ctx); b.err != nil {
		cancel()
		stop()
		return
	}
	b.ctx = ctx
	b.cancel = func() { cancel(); stop() }
}

// path finds the browser's program: EARSHOT_CHROMIUM, or the usual names.
func path(t testing.TB) string {
	t.Helper()
	for _, name := range []string{os.Getenv("EARSHOT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	const absent = "no Chromium found: install chromium or set EARSHOT_CHROMIUM"
	if os.Getenv("CI") != "" {
		t.Fatal(absent)
	}
	t.Skip(absent)
	return ""
}
