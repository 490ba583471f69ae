package imports

import "time"

// Question is something that a file leaves open, or that was decided for it and
// may be decided otherwise. The pages and the command line have its sentence
// under "import.ask.<key>" and those of its choices under
// "import.choice.<key>.<value>".
type Question struct {
	Key     string
	Open    bool   // nothing can be read before it is answered
	Value   string // the answer that holds; "" = none yet
	Line    int    // where it is asked first
	Column  string
	Text    string // what stands there, or what it is about
	Choices []Choice
	Why     []Saying // why Value holds
}

// Keys of a Question.
const (
	AskDates   = "dates"   // which number is the day: an order
	AskDecimal = "decimal" // "comma" or "point"
	AskYear    = "year"    // of the latest date, where none has one
	AskZone    = "zone"    // IANA's name of the zone of times
	AskSum     = "sum"     // "yes": lines of one day are added up
	AskAccount = "account" // whose posts of the file's are one's own; "*" = all
)

// Choice is a possible answer.
type Choice struct {
	Value string
	Reads string   // what the question's text then is
	Says  []Saying // what the file says for it
}

// Saying is a sentence, "import.says.<key>", with its values.
type Saying struct {
	Key  string
	A, B string
	N, M int
}

// Answers are what people say of a file; empty where they say nothing.
type Answers struct {
	Dates, Decimal, Zone, Account string
	Year                          int
	Sum                           bool
}

// Decimal signs, as an answer has them.
const (
	DecimalComma = "comma"
	DecimalPoint = "point"
)

// AllAccounts as the account that is asked for takes every line as one's own.
const AllAccounts = "*"

// WrittenTime is a time of a file, as it stands there and as it will be stored.
type WrittenTime struct {
	Line int
	Text string
	At   time.Time
}

// Orders of the numbers of a date.
const (
	DayFirst   = "day"
	MonthFirst = "month"
	YearFirst  = "year"
)
