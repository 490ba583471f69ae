// The functions that an option may name: axis labels and tooltips. Tooltips
// are elements, never HTML text.
import { t } from "../strings.js";
import { cellText } from "./bars.js";
import { h } from "./dom.js";
import { format } from "./format.js";
import { approximately, isRounded, rowAt } from "./rounded.js";

/** formatters gives the lookup for one panel's data. */
export function formatters(data) {
  const table = {
    value: (unit) => (v) => format.tick(v, unit),
    bucket: (interval) => (v) => format.bucket(v, interval, false),
    name: (column) => (v) => nameOf(data, column, v),
    series: (interval, unit) => (points) => seriesTip(data, [points].flat(), interval, unit),
    label: (unit) => (p) => (typeof p.value === "number" ? format.full(p.value, unit) : ""),
    groups: (unit, interval) => (points) => groupTip(data, [points].flat(), unit, interval),
    rows: (interval) => (points) => bucketTip(data, [points].flat(), interval),
    cell: (unit) => ({ value: [x, y, v] }) => tip(`${nameOf(data, 0, y)} · ${nameOf(data, 1, x)}`, [{ name: data.title, value: format.full(v, unit) }]),
    region: (unit) => (p) => tip(nameOf(data, 0, p.name), [{ name: metricTitle(data), value: format.full(p.data ? p.value : 0, unit) }]),
    row: () => (p) => rowTip(data, rowOf(p), p.color),
  };
  return (name, args) => {
    if (!Object.hasOwn(table, name)) throw new Error(`no formatter called ${name}`);
    return table[name](...args);
  };
}

const nameOf = (data, column, value) => data.names?.[column]?.[value] ?? String(value);
const metricTitle = (data) => data.columns.find((c) => c.metric).title;

/** rowOf is the row that a series of its own stands for, -1 for others. */
export const rowOf = (point) => Number(/^row:(\d+)$/.exec(point.seriesId)?.[1] ?? -1);

function rowTip(data, i, color) {
  const lines = data.columns.map((c, j) => c.metric && { name: c.title, value: approximately(isRounded(data, i, j), format.full(data.rows[i][j], c.unit)) });
  return tip(h("span", null, h("span", { class: "dot-own", vars: { "--node": color } }), cellText(data, i, 0)), lines.filter(Boolean));
}

// A series whose id ends with "~" is the dotted end of the one of that id: it
// speaks only for the bucket that the solid part leaves out. One that ends with
// "^" is where that bucket may come to.
function seriesTip(data, points, interval, unit) {
  if (!points.length) return "";
  const own = (p) => p.seriesId.replace(/~$/, "");
  const known = (p) => typeof p.value === "number";
  const lines = new Map();
  const at = points[0];
  const row = (p) => rowAt(data, at.name || at.axisValue, own(p).replace(/\^$/, ""));
  const rounded = (p) => {
    const i = row(p);
    return i >= 0 && data.columns.some((c, j) => c.reading && isRounded(data, i, j));
  };
  for (const p of points) {
    if (p.seriesId.endsWith("^")) {
      if (typeof p.data?.projected !== "number") continue;
      const name = p.seriesId === "all^" ? p.seriesName : t("dash.projected_of", { name: p.seriesName });
      lines.set(p.seriesId, { known: true, name, color: p.color === "transparent" ? p.borderColor : p.color, dotted: true, value: approximately(rounded(p), format.full(p.data.projected, unit)) });
      continue;
    }
    if (lines.has(own(p)) && (!known(p) || lines.get(own(p)).known)) continue;
    lines.set(own(p), {
      known: known(p), name: p.seriesName, color: p.color, dotted: own(p).startsWith("previous"),
      value: approximately(known(p) && rounded(p), format.full(known(p) ? p.value : null, unit)),
    });
  }
  const head = format.bucket(at.name || at.axisValue, interval, true);
  const partial = data.incomplete?.includes(at.dataIndex);
  return tip(partial ? `${head} · ${t("dash.so_far")}` : head, [...lines.values()]);
}

// One group of columns or bars; estimates and periods that are not over say so.
function groupTip(data, points, unit, interval) {
  if (!points.length) return "";
  const head = interval ? format.bucket(points[0].name, interval, true) : nameOf(data, 0, points[0].name);
  return tip(head, points.filter((p) => typeof p.value === "number").map((p) => ({
    name: kindOf(p),
    color: p.color, value: format.full(p.value, unit),
  })));
}

function kindOf(p) {
  if (p.data.kind === "estimate") return t("dash.estimate_of", { name: p.seriesName });
  return p.data.kind === "partial" ? `${p.seriesName} · ${t("dash.so_far")}` : p.seriesName;
}

// All that is known of one bucket, as the table and the file have it.
function bucketTip(data, points, interval) {
  const at = points[0];
  const row = at && data.rows[at.dataIndex];
  if (!row) return "";
  const known = data.columns.flatMap((c, i) => (c.metric && row[i] !== null ? [{ name: c.title, value: approximately(isRounded(data, at.dataIndex, i), format.full(row[i], c.unit)) }] : []));
  return tip(format.bucket(row[0], interval, true), known);
}

function tip(head, lines) {
  return h("div", { class: "tip" },
    h("div", { class: "tip-head" }, head),
    h("dl", null, lines.map(({ name, value, color, dotted }) => [
      h("dt", null, color && h("span", { class: dotted ? "tip-mark tip-dotted" : "tip-mark", vars: { "--mark": color } }), name),
      h("dd", null, value),
    ])));
}
