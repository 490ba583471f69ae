package server

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// The status page says in one sentence whether events arrive.
func TestStatusSaysWhenTheLastEventCame(t *testing.T) {
	var now time.Time
	for _, tt := range []struct {
		name    string
		ago     time.Duration // of the last event; 0 = none
		waiting int64
		en, fr  string
	}{
		{"none yet", 0, 0, "No event yet, nothing waiting.", "Pas encore d’événement, rien en attente."},
		{"none yet, the first waits", 0, 1, "1 event waiting", "1 événement en attente"},
		{"all is well", 3 * time.Second, 0, "Last event 3\u00a0s ago, nothing waiting.", "Dernier événement il y a 3\u00a0s, rien en attente."},
		{"a quiet day", 26*time.Hour + 70*time.Second, 0, "Last event 26\u00a0h ago, nothing waiting.", "Dernier événement il y a 26\u00a0h, rien en attente."},
		{"behind", 5*time.Minute + 2*time.Second, 1204, "Last event 5\u00a0min 2\u00a0s ago, 1,204 waiting.", "Dernier événement il y a 5\u00a0min 2\u00a0s, 1\u00a0204 en attente."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			writer := Part{Name: "writer", State: PartOK, Waiting: -1}
			r := newRig(t, func(d *Deps) {
				if now = time.Now(); d.Now != nil {
					now = d.Now()
				}
				d.Now = func() time.Time { return now }
				if tt.ago > 0 {
					writer.LastEvent = now.Add(-tt.ago)
				}
				d.Health = fakeHealth{Part{Name: "spool", State: PartOK, Waiting: tt.waiting}, writer}
			})
			r.owner()
			c := r.signedIn()
			for lang, want := range map[string]string{"en": tt.en, "fr": tt.fr} {
				if a := c.get("/status?lang=" + lang); !strings.Contains(a.body, want) {
					t.Errorf("%s: no %q in %s", lang, want, strings.Join(regexp.MustCompile(`<p>.*</p>`).FindAllString(a.body, -1), " "))
				}
			}
		})
	}
}
