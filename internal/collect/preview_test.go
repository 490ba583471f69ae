package collect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/earshot-analytics/earshot/internal/event"
)

// Programs that fetch a shared address are no visits that the share brought:
// they are counted by network, whichever way they come.
func TestPreviewsOfASharedAddress(t *testing.T) {
	const page = "https://example.com/post?es=1abcdefghi"
	for agent, want := range map[string]event.LeftOut{
		"WhatsApp/2.23.20.0": {Reason: event.LeftPreview, Agent: "whatsapp"},
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)":                              {Reason: event.LeftPreview, Agent: "facebook"},
		"Mozilla/5.0 (compatible; Twitterbot/1.0)":                                                               {Reason: event.LeftPreview, Agent: "x"},
		"Mastodon/4.5.0 (http.rb/5.3.1; +https://mastodon.social/)":                                              {Reason: event.LeftPreview, Agent: "mastodon"},
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)": {Reason: event.LeftAI, Agent: "GPTBot"},
	} {
		t.Run(want.Agent, func(t *testing.T) {
			m := &memory{}
			col, _ := newTest(m)
			ask(col, "POST", "/api/event", `{"n":"pageview","u":"`+page+`","d":"example.com"}`, "User-Agent: "+agent)
			ask(col, "GET", "/api/pixel.gif?d=example.com&u="+page, "", "User-Agent: "+agent)
			if err := col.left.flush(t.Context(), m.Append); err != nil {
				t.Fatal(err)
			}
			want.Site, want.Time, want.Count = 1, noon, 2
			if diff := cmp.Diff([]event.LeftOut{want}, m.leftOut(t)); diff != "" || len(m.events(t)) > 0 {
				t.Errorf("%d events\n%s", len(m.events(t)), diff)
			}
		})
	}
}
