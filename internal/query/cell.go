package query

// SafeCell is text as our CSV files have it: what a spreadsheet would run as
// a formula gets a leading apostrophe. Exports of raw events use it too.
func SafeCell(s string) string { return safe(s) }
