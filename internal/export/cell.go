package export

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/earshot-analytics/earshot/internal/csvfile"
)

// cell is a value as a file has it: a number stays one, and nothing else runs
// in a spreadsheet.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return csvfile.Cell(v, ',')
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.999Z")
	case map[string]string:
		if len(v) == 0 {
			return ""
		}
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return csvfile.JSONCell(string(b), ',')
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		text := fmt.Sprint(v)
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return text
		}
		return csvfile.Cell(text, ',')
	}
}
