// Package chromium starts a Chromium from which nothing leaves the machine:
// 127.0.0.1, localhost and names ending in .test (which are 127.0.0.1) resolve,
// every other name fails to. Tests reach it by browsertest, and internal/bench
// measures pages in it.
package chromium

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrAbsent says that there is no Chromium, and what to do.
var ErrAbsent = errors.New("no Chromium found: install chromium or set EARSHOT_CHROMIUM")

// Start starts a browser, from which chromedp.NewContext makes tabs. stop ends
// it at once.
func Start() (ctx context.Context, stop func(), err error) {
	path, err := find()
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
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
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		end()
		return nil, nil, err
	}
	return ctx, func() { cancel(); end() }, nil
}

// find gives the program: EARSHOT_CHROMIUM, or one of the usual names.
func find() (string, error) {
	for _, name := range []string{os.Getenv("EARSHOT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p, nil
		}
	}
	return "", ErrAbsent
}
