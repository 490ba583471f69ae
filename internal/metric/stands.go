package metric

import (
	"fmt"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Place is where a metric is to stand: what it is asked by, and what for.
type Place struct {
	By      []By
	Filters []Filtered
}

// By is a dimension with the name that it was asked by: "time" or
// "event:props:author" too.
type By struct {
	Name string
	Dimension
}

// Filtered is a filter's dimension. Done says that the filter asks what else
// a visit did, or didn't.
type Filtered struct {
	Dimension
	Done bool
}

// Obstacle is why a metric can't stand in a place, in a sentence. Filter says
// that the filters are why: then the metric can be asked beside others that
// can, and has no value.
type Obstacle struct {
	Reason text.Text
	Filter bool
}

// Stands says why the metric can't stand in a place; nil where it can.
func (m Metric) Stands(p Place) *Obstacle {
	goal := false
	for _, d := range p.By {
		if !m.takes(d.Dimension) {
			return obstacle("%q can't be asked by %q", "%q ne peut être ventilé par %q", m.Name, d.Name)
		}
		goal = goal || d.Goal
	}
	for _, f := range p.Filters {
		goal = goal || f.Goal && !f.Done
	}
	if m.NeedsGoal && !goal {
		return obstacle("%q needs a filter or a dimension event:goal, event:name or event:props", "%q demande un filtre ou une dimension event:goal, event:name ou event:props", m.Name)
	}
	if m.NeedsDimension && len(p.By) == 0 {
		return obstacle("%q needs at least one dimension", "%q demande au moins une dimension", m.Name)
	}
	// A number that ignores a filter would be one that we don't have.
	for _, f := range p.Filters {
		if !m.filteredBy(f.Dimension) || f.Done && !m.OfEvents() {
			return &Obstacle{Filter: true, Reason: text.Text{
				EN: fmt.Sprintf("%s can't be filtered by “%s”.", m.Title.EN, f.Title.EN),
				FR: fmt.Sprintf("« %s » ne peut être filtré par « %s ».", m.Title.FR, f.Title.FR),
			}}
		}
	}
	return nil
}

func obstacle(en, fr string, names ...any) *Obstacle {
	return &Obstacle{Reason: text.Text{EN: fmt.Sprintf(en, names...), FR: fmt.Sprintf(fr, names...)}}
}
