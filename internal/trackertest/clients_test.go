package trackertest

import (
	"strings"
	"testing"
)

func TestClients(t *testing.T) {
	collector := NewCollector(t, nil)
	Clients(t, browser.Tab(t), collector.URL, "example.com")
	views := collector.Wait(t, "pageview", 2)
	for _, v := range views {
		if v.Domain != "example.com" || !strings.HasSuffix(v.URL, "/clients") {
			t.Errorf("page view of %s for %s", v.URL, v.Domain)
		}
	}
	if got := collector.Wait(t, "Old Client", 1)[0].Properties(t)["plan"]; got != "free" {
		t.Errorf("property of plausible-tracker %v", got)
	}
	if got := collector.Wait(t, "New Client", 1)[0].Properties(t)["plan"]; got != "pro" {
		t.Errorf("property of @plausible-analytics/tracker %v", got)
	}
}
