package panel

import "encoding/json"

// Answer is a panel's answer as the page's script receives it, in panels.json
// or as a panel's own JSON. Rows are the rows of the CSV, with null for unknown
// values; the other fields say how to show them.
type Answer struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`
	Title   string      `json:"title"`
	Columns []Column    `json:"columns"`
	Rows    [][]any     `json:"rows"`
	Labels  [][]*string `json:"labels,omitempty"` // texts of dimensions' cells; null = the value itself
	Links   []string    `json:"links,omitempty"`  // where a click on a row leads: the view with the row's filter added, or removed
	Opens   []string    `json:"opens,omitempty"`  // a row's own report, if there is a dashboard for such values
	Away    []string    `json:"away,omitempty"`   // a row's address on its network, for posts
	Total   int         `json:"total"`            // number of rows, including those not shown

	// Previous and Change have one value per metric for each row; a row that the
	// previous period doesn't have is null.
	Previous [][]any      `json:"previous,omitempty"`
	Change   [][]*float64 `json:"change,omitempty"`

	// Rounded is true for each row whose follower figures (Column.Reading) come
	// from counts that the network rounds.
	Rounded []bool `json:"rounded,omitempty"`

	Figures []Figure            `json:"figures,omitempty"`
	Option  json.RawMessage     `json:"option,omitempty"`
	Regions []string            `json:"regions,omitempty"`
	Colors  []string            `json:"colors,omitempty"`
	Names   []map[string]string `json:"names,omitempty"` // of dimensions' values in the picture

	Incomplete []int  `json:"incomplete,omitempty"` // indexes of buckets that the range covers only in part
	Estimated  bool   `json:"estimated"`
	Summary    string `json:"summary"` // the chart described in a sentence
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
	Time   string `json:"time,omitempty"`   // length of the bucket; "minute" for a point in time
	Hidden bool   `json:"hidden,omitempty"` // for files and links: the page doesn't show it
	// Reading says that the figures come from follower counts. Projects is the
	// metric whose value at the end of the current bucket the column projects.
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
	Lead  bool   `json:"lead,omitempty"` // the panel's main message
}
