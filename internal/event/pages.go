package event

// PageRules say how a site's addresses are read: which part of an address
// names the page, and which says something else.
type PageRules struct {
	ShareParam   string   // carries a share ID; "" is the default's
	HashMode     bool     // the fragment is part of the page
	PageParams   []string // parameters of the query that are part of the page
	SearchParams []string // parameters of the query that hold the words of a search
}

// SearchProp is the property of a page view that has the words of a search.
const SearchProp = "search_query"

// MaxParams is how many names PageParams and SearchParams each have at most.
const MaxParams = 20
