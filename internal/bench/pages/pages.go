// Package pages opens dashboards in Chromium and says what a reader has to
// wait for there. What it costs the server is the caller's to measure.
package pages

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/earshot-analytics/earshot/internal/browsertest/chromium"
)

//go:embed observe.js
var observe string

const (
	patience = 5 * time.Minute       // for a page; 100 million events may take one
	look     = 10 * time.Millisecond // between looks at whether a page stands
	rest     = time.Second           // in which a page that stands may still move
)

// Size is that of a screen, in CSS pixels.
type Size struct {
	Name          string
	Width, Height int64
	Phone         bool // touch, and a mobile layout
}

// The sizes that are measured.
var (
	Desktop = Size{Name: "desktop", Width: 1350, Height: 940}
	Phone   = Size{Name: "phone", Width: 412, Height: 823, Phone: true}
)

// Browser is a running Chromium, logged in to one server.
type Browser struct {
	ctx     context.Context
	stop    func()
	base    string
	cookies []*http.Cookie
}

// Start starts a browser whose tabs send these cookies to the server at base.
func Start(base string, cookies []*http.Cookie) (*Browser, error) {
	ctx, stop, err := chromium.Start()
	if err != nil {
		return nil, fmt.Errorf("start a browser: %w", err)
	}
	return &Browser{ctx: ctx, stop: stop, base: base, cookies: cookies}, nil
}

// Close ends the browser.
func (b *Browser) Close() { b.stop() }

// Tab is one page, and Close ends it.
type Tab struct {
	ctx   context.Context
	Close func()
}

// Tab opens a tab. Unless it is live, its page can't ask what happens now, so
// that an opening costs what the view costs and nothing else.
func (b *Browser) Tab(size Size, live bool) (*Tab, error) {
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	tab := &Tab{ctx: ctx, Close: end}
	if err := b.prepare(tab, size, live); err != nil {
		end()
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	return tab, nil
}

func (b *Browser) prepare(tab *Tab, size Size, live bool) error {
	viewport := chromedp.EmulateViewport(size.Width, size.Height)
	if size.Phone {
		viewport = chromedp.EmulateViewport(size.Width, size.Height, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(tab.ctx, viewport); err != nil {
		return err
	}
	focused := emulation.SetFocusEmulationEnabledParams{Enabled: true} // else a tab among others isn't watched
	if _, err := chromedp.Call(tab.ctx, emulation.SetFocusEmulationEnabled, focused); err != nil {
		return err
	}
	if _, err := chromedp.Call(tab.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: observe}); err != nil {
		return err
	}
	for _, c := range b.cookies {
		if _, err := chromedp.Call(tab.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: b.base}); err != nil {
			return err
		}
	}
	if live {
		return nil
	}
	blocked := network.SetBlockedURLsParams{URLPatterns: []*network.BlockPattern{{URLPattern: b.base + "/*/live.json", Block: true}}}
	_, err := chromedp.Call(tab.ctx, network.SetBlockedURLs, blocked)
	return err
}

// Opening is what a reader meets who opens a page.
type Opening struct {
	Figures time.Duration // until the key figures stand; 0 on a page without
	Last    time.Duration // until the last panel stands
	Shift   float64       // how much moved (CLS)
	Blocked time.Duration // in which the page answered nobody (total blocking time)
}

// Open opens an address and returns when the last panel stands; what moves or
// blocks later is not in it. A panel that shows an error is an error.
func (tab *Tab) Open(address string) (Opening, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	// From another page: to the same one, it would be a reload.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(address)); err != nil {
		return Opening{}, fmt.Errorf("open %s: %w", address, err)
	}
	for {
		seen, err := tab.seen(ctx)
		if err != nil {
			return Opening{}, fmt.Errorf("look at %s: %w", address, err)
		}
		if seen.Failed > 0 {
			return Opening{}, fmt.Errorf("%s: %d panels show an error", address, seen.Failed)
		}
		if seen.Last > 0 {
			return seen.opening(), nil
		}
		select {
		case <-ctx.Done():
			return Opening{}, fmt.Errorf("%s doesn't stand: %w", address, ctx.Err())
		case <-time.After(look):
		}
	}
}

// Settle waits until a page that Open opened has had time to move.
func (tab *Tab) Settle() (Opening, error) {
	time.Sleep(rest)
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	seen, err := tab.seen(ctx)
	return seen.opening(), err
}

type observed struct {
	Figures float64 `json:"figures"`
	Last    float64 `json:"last"`
	Shift   float64 `json:"shift"`
	Blocked float64 `json:"blocked"`
	Failed  int     `json:"failed"`
}

func (o observed) opening() Opening {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	return Opening{Figures: ms(o.Figures), Last: ms(o.Last), Shift: o.Shift, Blocked: ms(o.Blocked)}
}

func (tab *Tab) seen(ctx context.Context) (observed, error) {
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[*observed]("globalThis.observed ?? null"))
	if err == nil && seen == nil {
		err = errors.New("nothing observes the page")
	}
	if err != nil {
		return observed{}, err
	}
	return *seen, nil
}
