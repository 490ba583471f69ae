// Package turn shares what there is little of (questions that ClickHouse
// answers at once, answers under way to clients) among those who want it, so
// that nobody's wait depends on what somebody else does with theirs.
//
//   - Each class of askers has places of its own: strangers can't take those of
//     the people who sign in, and nobody those of the program.
//   - One asker never holds all places of a class that has several.
//   - Places that come free go round among those who wait, one for each asker,
//     whoever asked most or first.
//   - Waiting is bounded, by asker and by class: beyond that, FullError.
//
// internal/server says who asks (With), internal/clickhouse and
// internal/server take turns.
package turn

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Class is a kind of asker.
type Class int

// Classes. Whoever says nothing is the program.
const (
	Program  Class = iota // itself: the writer's look-ups, the poller, commands
	User                  // somebody who is signed in
	Token                 // a script with a token of the Stats API
	Stranger              // anybody else: readers of the demo, of what is public
	classes
)

func (c Class) String() string {
	return [classes]string{"program", "user", "token", "stranger"}[c]
}

// Asker is who wants a turn. Key tells askers of a class apart: a session, a
// token, an address.
type Asker struct {
	Class Class
	Key   string
}

type contextKey struct{}

// With returns a context whose turns are a's.
func With(ctx context.Context, a Asker) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// Of is who asks with a context.
func Of(ctx context.Context) Asker {
	a, _ := ctx.Value(contextKey{}).(Asker)
	return a
}

// Limit is what a class has. Zeros mean none, but for Each, where 0 is as many
// as the class has.
type Limit struct {
	Places int // at once
	Each   int // of them, one asker's at most
	Queue  int // askings that wait
	Line   int // of them, one asker's at most
}

// Limits are those of all classes.
type Limits map[Class]Limit

// FullError says that too many wait already. Own holds where they are all the
// asker's.
type FullError struct{ Own bool }

func (e *FullError) Error() string {
	if e.Own {
		return "the asker has too many questions waiting"
	}
	return "too many questions are waiting"
}

// Turns gives places out. Make one with New.
type Turns struct {
	mu      sync.Mutex
	of      [classes]class
	refused *prometheus.CounterVec
}

type class struct {
	Limit
	taken   int
	waiting int
	askers  map[string]*asker
	round   []*asker // those who have somebody waiting, the next first
}

type asker struct {
	key   string
	taken int
	line  []chan struct{} // closed when the turn has come
}

// New makes turns of what is named, for metrics that reg gets (nil = none).
func New(what string, limits Limits, reg prometheus.Registerer) *Turns {
	labels := prometheus.Labels{"of": what}
	t := &Turns{refused: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "earshot_turns_refused_total", Help: "Askings that found too many waiting before them.", ConstLabels: labels,
	}, []string{"class"})}
	for c := range t.of {
		t.of[c] = class{Limit: limits[Class(c)], askers: map[string]*asker{}}
		if t.of[c].Each == 0 {
			t.of[c].Each = t.of[c].Places
		}
	}
	if reg != nil {
		reg.MustRegister(t.refused)
		for c := range classes {
			labels := prometheus.Labels{"of": what, "class": c.String()}
			reg.MustRegister(
				prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "earshot_turns_taken", Help: "Places that are taken.", ConstLabels: labels}, t.gauge(&t.of[c].taken)),
				prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "earshot_turns_waiting", Help: "Askings that wait for a place.", ConstLabels: labels}, t.gauge(&t.of[c].waiting)))
		}
	}
	return t
}

func (t *Turns) gauge(n *int) func() float64 {
	return func() float64 {
		t.mu.Lock()
		defer t.mu.Unlock()
		return float64(*n)
	}
}

// Take waits for a place and gives how to give it back, which may be called
// more than once. The error is a FullError, or the context's where that ended
// before the turn came, and then a FullError too.
func (t *Turns) Take(ctx context.Context) (done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	who := Of(ctx)
	c := &t.of[who.Class]
	t.mu.Lock()
	a := c.asker(who.Key)
	come, err := c.enter(a)
	c.forget(a)
	t.mu.Unlock()
	if err != nil {
		t.refused.WithLabelValues(who.Class.String()).Inc()
		return nil, err
	}
	done = sync.OnceFunc(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		a.taken--
		c.taken--
		c.next()
		c.forget(a)
	})
	select {
	case <-come:
		return done, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	left := c.leave(a, come)
	t.mu.Unlock()
	if !left {
		done() // the turn came at the same moment
	}
	return nil, fmt.Errorf("%w: %w", &FullError{}, ctx.Err())
}

func (c *class) asker(key string) *asker {
	a := c.askers[key]
	if a == nil {
		a = &asker{key: key}
		c.askers[key] = a
	}
	return a
}

// forget drops an asker who has nothing here any more.
func (c *class) forget(a *asker) {
	if a.taken == 0 && len(a.line) == 0 && c.askers[a.key] == a {
		delete(c.askers, a.key)
	}
}

// enter puts an asking in line; its turn may come at once.
func (c *class) enter(a *asker) (come chan struct{}, err error) {
	free := c.taken < c.Places && a.taken < c.Each
	switch {
	case free: // whoever waits, waits for a place of his own
	case len(a.line) >= c.Line:
		return nil, &FullError{Own: true}
	case c.waiting >= c.Queue:
		return nil, &FullError{}
	}
	come = make(chan struct{})
	if len(a.line) == 0 {
		c.round = append(c.round, a)
	}
	a.line = append(a.line, come)
	c.waiting++
	c.next()
	return come, nil
}

// next gives free places out, one for each asker in the round.
func (c *class) next() {
	for c.taken < c.Places {
		i := slices.IndexFunc(c.round, func(a *asker) bool { return a.taken < c.Each })
		if i < 0 {
			return
		}
		a := c.round[i]
		c.round = slices.Delete(c.round, i, i+1)
		close(a.line[0])
		a.line = a.line[1:]
		if len(a.line) > 0 {
			c.round = append(c.round, a)
		}
		a.taken++
		c.taken++
		c.waiting--
	}
}

// leave takes an asking out of the line. It is false where its turn has come.
func (c *class) leave(a *asker, come chan struct{}) bool {
	i := slices.Index(a.line, come)
	if i < 0 {
		return false
	}
	a.line = slices.Delete(a.line, i, i+1)
	c.waiting--
	if len(a.line) == 0 {
		c.round = slices.DeleteFunc(c.round, func(o *asker) bool { return o == a })
		c.forget(a)
	}
	return true
}
