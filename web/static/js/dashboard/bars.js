// A ranked list: each row with a bar behind its name, as long as its value is
// large. A click on a name filters the whole dashboard by it.
import { t } from "../strings.js";
import { h, icon } from "./dom.js";
import { format } from "./format.js";
import { isRounded, roundedMark } from "./rounded.js";

export function drawBars(body, data) {
  const dims = data.columns.filter((c) => !c.metric).length;
  const metrics = data.columns.slice(dims);
  const values = data.rows.map((row) => row[dims] || 0);
  const most = Math.max(...values, 0);
  const ranked = metrics[0].unit === "rank"; // 1 comes first and is the longest
  const part = (i) => (ranked ? (most + 1 - values[i]) / most : Math.max(values[i], 0) / most);
  const bar = (i) => h("span", {
    class: "bar", "aria-hidden": "true", dataset: { own: data.colors ? "" : null },
    vars: { "--part": most ? part(i) : 0, "--bar": data.colors?.[i] ?? "var(--bar-fill)" },
  });
  body.replaceChildren(h("table", { class: "bars" },
    h("caption", { class: "sr-only" }, data.title),
    h("thead", null, h("tr", null,
      h("th", { scope: "col" }, data.columns[0].title),
      metrics.map((c) => h("th", { scope: "col", class: "num", title: c.doc }, c.title)))),
    h("tbody", null, data.rows.map((row, i) => h("tr", null,
      h("th", { scope: "row" }, bar(i), rowName(data, i)),
      metrics.map((c, m) => h("td", { class: "num", title: row[dims + m] === null ? t("dash.unknown") : format.full(row[dims + m], c.unit) },
        roundedMark(isRounded(data, i, dims + m)), format.brief(row[dims + m], c.unit))))))));
}

/**
 * rowName is the row's name, a link where a click can filter by it or where it
 * stands for a page elsewhere, with a second one where the row has a report of
 * its own.
 */
export function rowName(data, i) {
  const text = cellText(data, i, 0);
  const away = data.away?.[i];
  if (away) return h("a", { class: "row-line row-away", href: away, title: text, rel: "noopener noreferrer nofollow" }, h("span", { class: "row-name" }, text), icon("away"));
  const link = data.links?.[i];
  const name = link
    ? h("a", { class: "row-name", href: link, title: text, dataset: { nav: "row" } }, text)
    : h("span", { class: "row-name", title: text }, text);
  const report = data.opens?.[i];
  if (!report) return name;
  const open = t("dash.report_of", { page: text });
  return h("span", { class: "row-line" }, name, h("a", { class: "row-open", href: report, title: open, "aria-label": open }, icon("open")));
}

/** cellText is the text of a dimension's cell. */
export function cellText(data, row, column) {
  const c = data.columns[column];
  if (c.time) return format.bucket(data.rows[row][column], c.time, true);
  return data.labels?.[row]?.[column] ?? String(data.rows[row][column] ?? "");
}
