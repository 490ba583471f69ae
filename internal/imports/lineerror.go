package imports

import "fmt"

// LineError says what is wrong with a line, as a key with its values: the
// pages and the command line have the sentence under "history.<key>".
type LineError struct {
	Line    int    // 1 = the first
	Other   int    // the line that it contradicts; 0 = none
	Column  string // "" = the line as a whole
	Key     string
	Text    string // what stands there
	Against string // what it contradicts, or what is wanted
}

func (e LineError) Error() string {
	return fmt.Sprintf("line %d: %s: %s: %q", e.Line, e.Column, e.Key, e.Text)
}

// Keys of a LineError.
const (
	BadHeader    = "header"    // columns are missing; Text has those found, Against those wanted
	NoOwner      = "owner"     // nothing says whose the file is: Against is network, account or both
	WrongKind    = "kind"      // a file of posts as statistics of days
	DaysOfPosts  = "days"      // statistics of days as a file of posts
	BadLine      = "line"      // not CSV
	Workbook     = "workbook"  // not CSV, but a spreadsheet's own file
	BadDate      = "date"      // no date in a form that we know
	Ambiguous    = "ambiguous" // a date whose day and month can't be told apart
	MixedOrders  = "orders"    // one date has the day first, another the month
	OtherOrder   = "order"     // not a date in the order that was answered
	BadZone      = "zone"      // not a zone's name
	FutureDate   = "future"
	TooEarly     = "early" // a post read before it was published
	BadNetwork   = "network"
	BadAccount   = "account"
	OtherNetwork = "other_network" // the line's network is Text, Against was said
	OtherAccount = "other_account" // the line's account is Text, Against was said
	OtherPage    = "other_page"    // posts of two Pages under one account
	Repeated     = "repeated"      // another value for what Other has; Text is what it is of
	BadPost      = "post"          // no ID, or too long
	BadCount     = "count"         // not a whole number of 0 or more
	BadNumber    = "number"        // not a number
	NoSeries     = "series"        // no column with numbers
	Twice        = "twice"         // two columns of the same name
	BadInsight   = "insight"       // no name, or too long
	NoFigures    = "figures"       // not one figure of a post
	BadURL       = "url"           // not an address of the web
	BadPage      = "page"          // not one of the site's
	BadShare     = "share"         // not a share ID
	BadPath      = "path"          // not a feed's path
	NoLog        = "log"           // no access log
	BigLog       = "large"         // one of more than maxLog
	Spreadsheet  = "spreadsheet"   // a number of many digits that a spreadsheet has rounded
	TooLong      = "long"          // more than MaxRows rows
	ManyColumns  = "columns"       // more of them than csvfile takes: Against
	LongCell     = "cell"          // a cell of more KiB than Against
	LongLine     = "bytes"         // a line of more MiB than Against
	ManyCells    = "cells"         // more than Against, in lines times columns
	TooSlow      = "slow"          // not read within Against minutes
	NoRows       = "empty"
)
