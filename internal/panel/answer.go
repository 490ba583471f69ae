package panel

import "encoding/json"

// Answer is a panel's answer, as its script gets it. Rows are those of the CSV,
// with null for what is unknown; whatever else there is says how to show them.
type Answer struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Title   string      `json:"title"`
	Columns []Column    `json:"columns"`
	Rows    [][]any     `json:"rows"`
	Labels  [][]*string `json:"labels,omitempty"` // texts of dimensions' cells; null = the value itself
	Links   []string    `json:"links,omitempty"`  // a row's click: the view with its filter, or without
	Opens   []string    `json:"opens,omitempty"`  // a row's own report, where there is a dashboard for such
	Away    []string    `json:"away,omitempty"`   // a row's address elsewhere, on a network
	Total   int         `json:"total"`            // rows, shown and not

	// Previous and Change have a value a metric, in each row that the period
	// before has too.
	Previous [][]any      `json:"previous,omitempty"`
	Change   [][]*float64 `json:"change,omitempty"`

	// Rounded has the rows whose figures of readings (see Column) rest on
	// counts that their networks round.
	Rounded []bool `json:"rounded,omitempty"`

	Figures []Figure            `json:"figures,omitempty"`
	Option  json.RawMessage     `json:"option,omitempty"`
	Regions []string            `json:"regions,omitempty"`
	Colors  []string            `json:"colors,omitempty"`
	Names   []map[string]string `json:"names,omitempty"` // of dimensions' values in the picture

	Incomplete []int  `json:"incomplete,omitempty"` // buckets that are not whole
	Estimated  bool   `json:"estimated"`
	Summary    string `json:"summary"` // the picture in a sentence
	Empty      Note   `json:"empty"`   // what to do where there are no rows
	Notes      []Note `json:"notes,omitempty"`
	CSV        string `json:"csv"`
}

// Column is what one column of the rows is.
type Column struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Metric bool   `json:"metric,omitempty"`
	Unit   string `json:"unit,omitempty"`
	Good   string `json:"good,omitempty"` // "up", "down"
	Doc    string `json:"doc,omitempty"`
	Time   string `json:"time,omitempty"`   // length of the bucket, "minute" of a moment
	Hidden bool   `json:"hidden,omitempty"` // for files and links: the page doesn't show it
	// Reading says that the figures come of follower counts; Projects is the
	// metric that the column expects at the end of a bucket that is not over.
	Reading  bool   `json:"reading,omitempty"`
	Projects string `json:"projects,omitempty"`
}

// Figure is a key figure, with its change.
type Figure struct {
	Column
	Value   any  `json:"value"`
	Rounded bool `json:"rounded,omitempty"`
	// Previous is left out where nothing is compared, null where it is unknown.
	Previous *any     `json:"previous,omitempty"`
	Change   *float64 `json:"change"`
	Why      string   `json:"why,omitempty"` // why there is no value
	Link     string   `json:"link,omitempty"`
	Current  bool     `json:"current,omitempty"`
}

// Note is a sentence. With a link and no label, the sentence is the link.
type Note struct {
	Text  string `json:"text"`
	Link  string `json:"link,omitempty"`
	Label string `json:"label,omitempty"`
	Lead  bool   `json:"lead,omitempty"` // it is what the panel is there to say
}
