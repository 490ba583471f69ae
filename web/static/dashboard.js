// Loaded by dashboards, beside app.js.
import { t } from "./js/strings.js";
import { chartsFollowTheme } from "./js/dashboard/chart.js";
import { dialogs } from "./js/dashboard/dialogs.js";
import { keys } from "./js/dashboard/keys.js";
import { live } from "./js/dashboard/live.js";
import { Page } from "./js/dashboard/page.js";
import { Panels } from "./js/dashboard/panels.js";

const root = document.getElementById("dashboard");
const page = new Page(document.getElementById("frame"));
const panels = new Panels(root, (url) => page.go(url, { figure: false }));

page.onchange = (figureOnly) => {
  if (!figureOnly) panels.stale();
  return panels.load({ only: figureOnly && ((body) => "figure" in body.dataset) });
};

const readers = document.getElementById("readers");
live(root.dataset.live, {
  now: (count) => (readers.textContent = t("dash.readers", { count })),
  refresh: async () => {
    if (!("today" in page.frame.querySelector("[data-view]").dataset)) return;
    panels.stale();
    await panels.load({ quiet: true });
  },
});

chartsFollowTheme();
dialogs();
keys();
panels.load();
