package collect

// Paths that a Collector's Handler answers.
const (
	PathEvent  = "/api/event"
	PathEvents = "/api/events"
	PathPixel  = "/api/pixel.gif"
)
