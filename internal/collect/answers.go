package collect

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
)

const (
	retryAfter = "5" // seconds
	retrySoon  = "1" // seconds, after a limit
)

// Values of headers that answers have in common, shared, so that they cost
// nothing.
var (
	anyOrigin = []string{"*"}
	noStore   = []string{"no-store"}
)

// count notes what became of a hit and gives the status that says so.
func (c *Collector) count(r *http.Request, out hitOutcome, bad problems, err error) int {
	switch {
	case err == nil && bad == nil:
		c.m.accepted.Add(float64(out.taken))
		return http.StatusAccepted
	case bad != nil:
		for field := range bad {
			c.m.refused.WithLabelValues(field).Inc()
		}
		return http.StatusBadRequest
	case limitReason(err) != "":
		c.m.refused.WithLabelValues(limitReason(err)).Inc()
		return http.StatusTooManyRequests
	case r.Context().Err() == nil:
		c.m.refused.WithLabelValues("unavailable").Inc()
		c.logFailure(err)
	}
	return http.StatusServiceUnavailable
}

// logFailure logs trouble once in 10 seconds, not for each of thousands of requests.
func (c *Collector) logFailure(err error) {
	now := c.o.Now().Unix()
	if last := c.m.lastLog.Swap(now); now-last >= 10 || now < last {
		c.o.Log.Warn("events are refused", "err", err)
	}
}

func (c *Collector) refuse(w http.ResponseWriter, status int, field, what string) {
	c.m.refused.WithLabelValues(field).Inc()
	c.answerProblem(w, status, problems{field: {what}})
}

func (c *Collector) answerProblem(w http.ResponseWriter, status int, bad problems) {
	switch status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
		bad = problems{"request": {"can't be taken now: try again in " + retryAfter + " seconds"}}
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", retrySoon)
		bad = problems{"request": {"comes too often: slow down"}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]problems{"errors": bad}) // the client may be gone
}

// refuseBody answers a body that could not be read.
func (c *Collector) refuseBody(w http.ResponseWriter, err error, tooLarge string) {
	w.Header().Set("Connection", "close") // the rest of it is of no use
	switch {
	case errors.Is(err, errTooLarge):
		c.refuse(w, http.StatusRequestEntityTooLarge, "request", tooLarge)
	case errors.Is(err, errNoMemory):
		c.m.refused.WithLabelValues("busy").Inc()
		c.answerProblem(w, http.StatusServiceUnavailable, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.m.refused.WithLabelValues("slow").Inc()
		c.answerProblem(w, http.StatusRequestTimeout, problems{"request": {"came too slowly"}})
	default:
		c.refuse(w, http.StatusBadRequest, "request", "could not be read")
	}
}
