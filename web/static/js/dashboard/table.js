// Rows as a table: for screen readers and for copying beside a picture, and
// for panels that are tables in the first place.
import { t } from "../strings.js";
import { h } from "./dom.js";
import { format } from "./format.js";
import { cellText, rowName } from "./bars.js";
import { changeMark } from "./change.js";
import { isRounded, roundedMark } from "./rounded.js";

export function drawTable(body, data) {
  const dims = data.columns.filter((c) => !c.metric).length;
  const cell = (row, i) => (value, j) => {
    const c = data.columns[j];
    if (c.hidden) return null;
    if (c.metric) return h("td", { class: "num", title: value === null ? t("dash.unknown") : null },
      roundedMark(isRounded(data, i, j)), format.full(value, c.unit), change(data, i, j - dims, value, c));
    if (j > 0) return h("td", { class: c.time ? "when" : null }, cellText(data, i, j));
    return h("th", { scope: "row" }, c.time ? cellText(data, i, 0) : rowName(data, i));
  };
  body.replaceChildren(h("div", { class: "table-frame", tabindex: "0", role: "group", "aria-label": data.title },
    h("table", { class: "rows" },
      h("caption", { class: "sr-only" }, data.title),
      h("thead", null, h("tr", null, data.columns.filter((c) => !c.hidden).map((c) =>
        h("th", { scope: "col", class: c.metric ? "num" : null, title: c.doc }, c.title)))),
      h("tbody", null, data.rows.map((row, i) => h("tr", null, row.map(cell(row, i))))))));
}

function change(data, i, metric, value, column) {
  const percent = data.change?.[i]?.[metric];
  if (percent === null || percent === undefined) return null;
  return changeMark({ change: percent, previous: data.previous[i][metric], unit: column.unit, good: column.good, value });
}
