// The row of key figures: each with its change against the period before, and
// a link that puts it on the main chart.
import { t } from "../strings.js";
import { h } from "./dom.js";
import { format } from "./format.js";
import { changeMark } from "./change.js";
import { roundedMark } from "./rounded.js";

export function drawKPIs(body, data) {
  body.replaceChildren(h("ul", { class: "kpis" }, data.figures.map((f) => {
    const parts = [
      h("span", { class: "kpi-name" }, f.title),
      h("span", { class: "kpi-value" },
        f.estimated && h("abbr", { title: t("dash.estimated") }, "≈\u202f"),
        roundedMark(f.rounded),
        format.brief(f.value, f.unit)),
      f.value === null ? h("span", { class: "change" }, t("dash.no_value")) : changeMark(f),
    ];
    return h("li", { class: "kpi", dataset: { metric: f.key, value: f.value ?? "" }, title: f.value === null ? f.why || t("dash.unknown") : f.doc }, f.link
      ? h("a", { href: f.link, "aria-current": f.current ? "true" : null, dataset: { nav: "", metric: f.key } }, parts)
      : h("div", null, parts));
  })));
}
