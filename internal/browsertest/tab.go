package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/earshot-analytics/earshot/internal/eventually"
)

// patience bounds each step.
const patience = eventually.Patience

// Tab is one page of the browser. Its methods fail the test on any error, so
// calls read as the steps of a reader. Use a tab from one goroutine.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu      sync.Mutex
	console []Message
}

// Message is what a page wrote to the console: an API call, an uncaught
// exception or a note of the browser.
type Message struct {
	Type   string // "error", "warning", "log", "exception", …
	Source string // "network", "security", … for a note of the browser, else ""
	Text   string
}

func newTab(t testing.TB, browser context.Context) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open tab: %v", err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			tab.mu.Lock()
			tab.console = append(tab.console, Message{Type: string(m.Type), Source: m.Source, Text: m.Text})
			tab.mu.Unlock()
		}
	}()
	// Windows of a headless browser are all in front but not all focused.
	Call(tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return tab
}

// Do runs chromedp actions.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatal(err)
	}
}

// Call sends one protocol command to the tab.
func Call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tab.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// Open loads a page and waits for its load event.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(url))
}

// Back goes back one entry of the tab's history and waits for the page, whether
// the browser loads it again or kept it alive.
func (tab *Tab) Back() {
	tab.t.Helper()
	entries := Call(tab, page.GetNavigationHistory, cdp.Empty{})
	if entries.CurrentIndex < 1 {
		tab.t.Fatal("no page to go back to")
	}
	before := entries.Entries[entries.CurrentIndex-1]
	Call(tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID})
	tab.Wait("location.href === " + strconv.Quote(before.URL) + ` && document.readyState === "complete"`)
	// A page that was kept for this doesn't always have its focus back.
	tab.Run("window.focus()")
	tab.Wait("document.hasFocus()")
}

// Size sets the viewport in CSS pixels. A width below 500 is a phone: it has
// touch and a mobile layout.
func (tab *Tab) Size(width, height int64) {
	tab.t.Helper()
	if width < 500 {
		tab.Do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	tab.Do(chromedp.EmulateViewport(width, height))
}

// Click presses the left button on the first element that a CSS selector
// matches, once it is visible.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Run evaluates a script with a user's gesture, awaits its promise and drops
// the value.
func (tab *Tab) Run(script string) {
	tab.t.Helper()
	tab.Do(chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise, gesture))
}

// Eval evaluates an expression with a user's gesture, awaits its promise and
// decodes the value.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, gesture))
	if err != nil {
		tab.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

func gesture(p *runtime.EvaluateParams) { p.UserGesture = ptr(true) }

func ptr[T any](v T) *T { return &v }

// Wait returns when an expression is truthy. It survives navigations.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithDeadline(tab.ctx, deadline)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")", chromedp.EvalAwaitPromise))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			tab.t.Fatalf("waited %v for %s (last error: %v)", patience, expression, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Console returns what the pages of this tab wrote so far.
func (tab *Tab) Console() []Message {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]Message(nil), tab.console...)
}

// Problems returns the console's errors, exceptions and broken content security
// policies. A failed request is left out: it is the network's, and tests that
// care look at the server's side.
func (tab *Tab) Problems() []Message {
	var found []Message
	for _, m := range tab.Console() {
		if m.Source != "network" && (m.Type == "error" || m.Type == "exception" || strings.Contains(m.Text, "Content Security Policy")) {
			found = append(found, m)
		}
	}
	return found
}

// Screenshot writes the whole page as a PNG file, with the folders that it needs.
func (tab *Tab) Screenshot(file string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.t.Fatalf("screenshot: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
