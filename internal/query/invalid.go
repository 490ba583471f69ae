package query

import (
	"fmt"

	"github.com/earshot-analytics/earshot/internal/text"
)

// InvalidError says what is wrong with a question, in words for whoever asked.
// Field is the part of the question at fault: metrics, dimensions, filters,
// date_range, order_by, limit, or a parameter of a URL. Reason has a French
// text where a page can ask such a question.
type InvalidError struct {
	Field  string
	Reason text.Text
}

func (e *InvalidError) Error() string { return e.Field + ": " + e.Reason.EN }

// In is the error's text in a language.
func (e *InvalidError) In(l text.Locale) string {
	if e.Reason.FR == "" {
		return e.Error()
	}
	return text.Text{EN: e.Error(), FR: e.Field + " : " + e.Reason.FR}.In(l)
}

// invalid takes the reason's format in English and in French; both read the
// same values in the same order.
func invalid(field, en, fr string, a ...any) error {
	a = text.Quoted(a)
	return &InvalidError{field, text.Text{EN: fmt.Sprintf(en, a...), FR: fmt.Sprintf(fr, a...)}}
}

func notRecorded(field, dimension string, why text.Text) error {
	return &InvalidError{field, text.Text{
		EN: fmt.Sprintf("%q is not recorded: %s", dimension, why.EN),
		FR: fmt.Sprintf("%q n’est pas enregistré : %s", dimension, why.FR),
	}}
}
