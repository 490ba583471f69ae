package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/eventually"
	"github.com/earshot-analytics/earshot/internal/meta"
)

func newParts() (*parts, context.Context) {
	ctx, fail := context.WithCancelCause(context.Background())
	return &parts{log: slog.New(slog.DiscardHandler), fail: fail}, ctx
}

func TestPartsStopInReverse(t *testing.T) {
	p, _ := newParts()
	var order []string
	for _, name := range []string{"first", "second"} {
		p.run(name, func(ctx context.Context) error {
			<-ctx.Done()
			order = append(order, name) // they stop one after the other
			return ctx.Err()
		})
	}
	p.onStop("third", func() error { order = append(order, "third"); return errors.New("broken") })
	err := p.stop(time.Minute)
	if want := []string{"third", "second", "first"}; !slices.Equal(order, want) {
		t.Errorf("stopped %v, want %v", order, want)
	}
	if err == nil || err.Error() != "stop third: broken" {
		t.Errorf("got %v", err)
	}
}

func TestPartThatEndsByItself(t *testing.T) {
	for name, end := range map[string]error{"ended by itself": nil, "no more": errors.New("no more")} {
		t.Run(name, func(t *testing.T) {
			p, ctx := newParts()
			p.run("writer", func(context.Context) error { return end })
			select {
			case <-ctx.Done():
			case <-time.After(eventually.Patience):
				t.Fatal("nobody was told")
			}
			if got := context.Cause(ctx).Error(); got != "writer: "+name {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestStopIsBounded(t *testing.T) {
	p, _ := newParts()
	release := make(chan struct{})
	defer close(release)
	p.onStop("stuck", func() error { <-release; return nil })
	if err := p.stop(20 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "took longer") {
		t.Errorf("got %v", err)
	}
}

func TestHealth(t *testing.T) {
	m, err := meta.Open(filepath.Join(t.TempDir(), meta.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, tt := range []struct {
		name    string
		roles   roles
		started bool
		code    int
		body    string
	}{
		{"starting", allRoles, false, 503, `{"status":"starting","reasons":["engine starting"]}`},
		{"without ClickHouse", allRoles, true, 503, `{"status":"degraded","reasons":["engine failing"]}`},
		{"a collector needs none", roles{roleCollect}, true, 200, `{"status":"ready","reasons":[]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &healthReporter{roles: tt.roles, meta: m, db: &lateDB{}, now: time.Now}
			if tt.started {
				h.started()
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
			if got := strings.TrimSpace(w.Body.String()); w.Code != tt.code || got != tt.body {
				t.Errorf("got %d %s, want %d %s", w.Code, got, tt.code, tt.body)
			}
			if (w.Header().Get("Retry-After") != "") != (tt.code == 503) {
				t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
			}
		})
	}
}
