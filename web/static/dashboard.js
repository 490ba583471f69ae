// Loaded by dashboards, beside app.js.
import { revealCurrent } from "./js/reveal.js";
import { t } from "./js/strings.js";
import { arriving } from "./js/dashboard/arriving.js";
import { chartsFollowTheme, chartsForPrint } from "./js/dashboard/chart.js";
import { dialogs } from "./js/dashboard/dialogs.js";
import { keys } from "./js/dashboard/keys.js";
import { live } from "./js/dashboard/live.js";
import { Page } from "./js/dashboard/page.js";
import { Panels } from "./js/dashboard/panels.js";

const page = new Page("frame");
const panels = new Panels((url) => page.go(url, { figure: false }));

page.onchange = (figureOnly) => {
  if (!figureOnly) panels.stale();
  return panels.load({ only: figureOnly && ((body) => "figure" in body.dataset) });
};

chartsFollowTheme();
chartsForPrint();
dialogs();
keys();
arriving((block) => {
  revealCurrent(); // the tabs stand above the first panel
  panels.arrive(block);
}).then(() => {
  panels.arrived();
  const readers = document.getElementById("readers");
  live(document.getElementById("dashboard").dataset.live, {
    now: (count) => (readers.textContent = t("dash.readers", { count })),
    refresh: async () => {
      if (!("today" in page.frame.querySelector("[data-view]").dataset)) return;
      panels.stale();
      await panels.load({ quiet: true });
    },
  });
});
