package social

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// maxCount bounds a count: 2^53, up to which every program reads JSON's numbers
// alike, and sums don't wrap around.
const maxCount = 1 << 53

// count is a number of people or things in an answer, written as a JSON number
// or as a string that holds one. Anything else (null, -1 for a hidden count,
// 1.5, "n/a") is unknown; the rest of the answer still counts.
type count struct {
	n      *uint64
	hidden bool // a negative number stands in its place
}

// String is the number, "" where it isn't known.
func (c count) String() string {
	if c.n == nil {
		return ""
	}
	return strconv.FormatUint(*c.n, 10)
}

// UnmarshalJSON never fails.
func (c *count) UnmarshalJSON(data []byte) error {
	*c = count{}
	f, err := strconv.ParseFloat(string(bytes.Trim(data, `"`)), 64)
	if err == nil && f >= 0 && f <= maxCount && f == float64(uint64(f)) {
		n := uint64(f)
		c.n = &n
	}
	c.hidden = err == nil && f < 0
	return nil
}

// tolerant is a list of posts in an answer. A post that can't be read is left
// out; the others are kept.
type tolerant[T any] []T

// UnmarshalJSON fails where there is no list at all.
func (l *tolerant[T]) UnmarshalJSON(data []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	*l = nil
	for _, part := range parts {
		var v T
		if json.Unmarshal(part, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}
