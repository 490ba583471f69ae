package meta

import (
	"regexp"
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
)

// DefaultSearchParam is a new site's parameter for a search's words, as
// WordPress has it.
const DefaultSearchParam = "s"

// ParamList reads a list of parameters as people write them, separated by
// commas, semicolons or blanks, with or without the "?" or "&" before.
func ParamList(s string) []string {
	var names []string
	for _, name := range strings.Fields(separations.ReplaceAllString(s, " ")) {
		if name = strings.TrimSuffix(strings.TrimLeft(name, "?&"), "="); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Params is a list of parameters as ParamList reads it.
func Params(names []string) string { return strings.Join(names, ", ") }

// Pages say how the site's addresses are read.
func (s Site) Pages() event.PageRules {
	return event.PageRules{ShareParam: s.ShareParam, HashMode: s.HashMode, PageParams: s.PageParams, SearchParams: s.SearchParams}
}

var paramName = regexp.MustCompile(`^[\pL\pN_.\[\]-]{1,50}$`)

// checkPages normalises the parameters in place.
func (s *Site) checkPages() error {
	for _, list := range []struct {
		field string
		names *[]string
	}{{"page_params", &s.PageParams}, {"search_params", &s.SearchParams}} {
		names := slices.Compact(slices.Sorted(slices.Values(*list.names)))
		if len(names) > event.MaxParams {
			return invalid(list.field, ReasonLong, "at most %d parameters", event.MaxParams)
		}
		for _, name := range names {
			switch {
			case !paramName.MatchString(name):
				return invalid(list.field, ReasonFormat, "%q is not the name of a parameter: give names such as p, page_id", name)
			case name == s.ShareParam:
				return invalid(list.field, ReasonTaken, "%q carries share IDs on this site", name)
			case strings.HasPrefix(name, "utm_"):
				return invalid(list.field, ReasonTaken, "%q says where a reader comes from, on every site", name)
			}
		}
		*list.names = names
	}
	for _, name := range s.PageParams {
		if slices.Contains(s.SearchParams, name) {
			return invalid("page_params", ReasonTaken, "%q is a search's parameter: a search is one page, whatever its words", name)
		}
	}
	return nil
}
