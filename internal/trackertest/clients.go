package trackertest

import (
	"encoding/json"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// Clients lets the two clients that Plausible publishes on npm send a page
// view and a goal each, in their own formats, to a collector: its base URL, the
// site's domain. It returns when each heard that its events were taken with
// 202, and fails the test otherwise.
//
// The goals are "Old Client" (plausible-tracker, with the property plan=free)
// and "New Client" (@plausible-analytics/tracker, with the property plan=pro
// and revenue of 9.90 EUR). All events are of the page /clients.
func Clients(t testing.TB, tab *browsertest.Tab, collector, domain string) {
	t.Helper()
	settings, err := json.Marshal(map[string]string{"collector": collector, "domain": domain})
	if err != nil {
		t.Fatal(err)
	}
	code := bundle(t, `
		import Plausible from "plausible-tracker";
		import { init, track } from "@plausible-analytics/tracker";
		const settings = `+string(settings)+`;
		window.__plausible = true; // the client's own switch for automated browsers
		window.answers = [];
		const heard = (answer) => window.answers.push(answer ? answer.status || String(answer.error) : "dropped");
		const { send } = XMLHttpRequest.prototype; // the older client tells nobody the status
		XMLHttpRequest.prototype.send = function (body) {
			this.addEventListener("loadend", () => heard(this));
			return send.call(this, body);
		};
		const old = Plausible({ domain: settings.domain, apiHost: settings.collector, trackLocalhost: true });
		old.trackPageview();
		old.trackEvent("Old Client", { props: { plan: "free" } });
		init({ domain: settings.domain, endpoint: settings.collector + "/api/event", captureOnLocalhost: true, autoCapturePageviews: false });
		track("pageview", { callback: heard });
		track("New Client", { props: { plan: "pro" }, revenue: { currency: "EUR", amount: 9.9 }, callback: heard });
	`)
	blog := NewBlog(t, Page{Script: string(code), Body: `<script src="/script.js"></script>`})
	tab.Open(blog.URL + "/clients")
	tab.Wait(`window.answers && answers.length === 4`)
	for i, answer := range browsertest.Eval[[]any](tab, `answers`) {
		if answer != float64(202) {
			t.Errorf("answer %d to a client of npm: %v, want 202", i, answer)
		}
	}
}
