// The loop as a picture: readers, some of whom share; their shares; the visits
// that those bring; and of these visits, some that lead to another share. A
// band is as broad as the root of what flows in and out of it, so that one
// sharer in fifty readers can still be seen. Lies down where there is room,
// stands upright on a phone.
import { t } from "../strings.js";
import { h } from "./dom.js";
import { format } from "./format.js";
import { fitted, path, svg } from "./svg.js";

const WIDE = 640; // px from which the picture lies down
const BAR = 12; // thickness of a station
const THIN = 4; // of the thinnest band

const STATIONS = ["visitors", "sharers", "shares", "share_visits"];
const WAYS = ["share_rate", "shares_per_sharer", "visits_per_share"];

export function drawLoop(body, data) {
  const at = new Map(data.columns.map((c, i) => [c.key, i]));
  const value = (key) => data.rows[0][at.get(key)];
  const text = (key) => format.full(value(key), data.columns[at.get(key)].unit);
  const brief = (key) => format.brief(value(key), data.columns[at.get(key)].unit);
  const box = h("div", { class: "loop", role: "img", "aria-label": sentence(text) });
  const parts = { value, text, brief };
  body.replaceChildren(box, reach(value("k_factor"), text));
  fitted(box, (width) => box.replaceChildren(width >= WIDE ? lying(width, parts) : upright(width, parts)));
}

// What the loop comes to in the end: a K below 1 dies out, but not at once.
function reach(k, text) {
  if (k === null || k <= 0) return "";
  return h("p", { class: "loop-reach" }, k < 1
    ? t("dash.loop.reach", { k: text("k_factor"), readers: format.full(Math.round(100 / (1 - k)), "count") })
    : t("dash.loop.grows", { k: text("k_factor") }));
}

const sentence = (text) => t("dash.loop.summary", {
  visitors: text("visitors"), rate: text("share_rate"), sharers: text("sharers"), shares: text("shares"),
  visits: text("share_visits"), each: text("visits_per_share"), reshares: text("reshares"), again: text("reshare_rate"),
});

// breadths of the stations and of the way back, at most `most` px.
function breadths(value, most) {
  const largest = Math.max(...STATIONS.map((key) => value(key) || 0), 1);
  const of = (n) => Math.max(most * Math.sqrt(Math.max(n || 0, 0) / largest), THIN);
  return { stations: STATIONS.map((key) => of(value(key))), back: of(value("reshares")) };
}

function lying(width, { value, text, brief }) {
  const pad = 64, head = 60, most = 112, height = 268;
  const cy = head + most / 2;
  const { stations, back } = breadths(value, most);
  const x = (i) => pad + (i * (width - 2 * pad)) / 3;
  const low = cy + most / 2 + 44; // the way back runs here
  return canvas(width, height, [
    WAYS.map((key, i) => svg("path", { class: `loop-band loop-band-${i}`, d: lyingBand(x(i) + BAR / 2, x(i + 1) - BAR / 2, cy, stations[i], stations[i + 1]) })),
    svg("path", { class: "loop-back", "stroke-width": Math.min(back, 24), d: path("M", x(3), cy + stations[3] / 2 + 6, "C", x(3), low + 14, x(3) - 30, low, x(3) - 80, low, "L", x(1) + 80, low, "C", x(1) + 30, low, x(1), low + 14, x(1), cy + stations[1] / 2 + 14) }),
    arrowhead(x(1), cy + stations[1] / 2 + 5, 0),
    STATIONS.map((key, i) => [
      svg("rect", { class: "loop-station", x: x(i) - BAR / 2, y: cy - stations[i] / 2, width: BAR, height: stations[i], rx: Math.min(4, stations[i] / 2) }),
      label(x(i), 18, "middle", t("dash.loop." + key), brief(key)),
    ]),
    WAYS.map((key, i) => rate((x(i) + x(i + 1)) / 2, cy, text(key), t("dash.loop." + key), "below")),
    rate((x(1) + x(3)) / 2, low, text("reshare_rate"), t("dash.loop.reshare_rate", { count: value("reshares") ?? 0 }), "below"),
  ]);
}

function upright(width, { value, text, brief }) {
  const gap = 122, head = 24, cx = width * 0.37, most = width * 0.42, beside = cx + most / 2 + 14;
  const { stations, back } = breadths(value, most);
  const y = (i) => head + i * gap;
  const left = Math.max(cx - most / 2 - 8, 26);
  return canvas(width, y(3) + 56, [
    WAYS.map((key, i) => svg("path", { class: `loop-band loop-band-${i}`, d: uprightBand(y(i) + BAR / 2, y(i + 1) - BAR / 2, cx, stations[i], stations[i + 1]) })),
    svg("path", { class: "loop-back", "stroke-width": Math.min(back, 16), d: path("M", cx - stations[3] / 2 - 6, y(3), "C", left - 8, y(3), left, y(3) - 20, left, y(3) - 50, "L", left, y(1) + 50, "C", left, y(1) + 20, left + 4, y(1), cx - stations[1] / 2 - 14, y(1)) }),
    arrowhead(cx - stations[1] / 2 - 5, y(1), 90),
    STATIONS.map((key, i) => [
      svg("rect", { class: "loop-station", x: cx - stations[i] / 2, y: y(i) - BAR / 2, width: stations[i], height: BAR, rx: Math.min(4, stations[i] / 2) }),
      label(beside, y(i) - 6, "start", t("dash.loop." + key), brief(key)),
    ]),
    WAYS.map((key, i) => rate(cx, (y(i) + y(i + 1)) / 2, text(key), t("dash.loop." + key), "right", beside)),
    rate(left, (y(1) + y(3)) / 2, text("reshare_rate"), "", ""),
    svg("text", { class: "loop-word", x: 2, y: y(3) + 40 }, t("dash.loop.reshare_rate", { count: value("reshares") ?? 0 })),
  ]);
}

const canvas = (width, height, children) =>
  svg("svg", { width, height, viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`, "aria-hidden": "true", focusable: "false" }, children);

function lyingBand(x1, x2, cy, from, to) {
  const m = (x1 + x2) / 2;
  return path("M", x1, cy - from / 2, "C", m, cy - from / 2, m, cy - to / 2, x2, cy - to / 2, "L", x2, cy + to / 2, "C", m, cy + to / 2, m, cy + from / 2, x1, cy + from / 2, "Z");
}

function uprightBand(y1, y2, cx, from, to) {
  const m = (y1 + y2) / 2;
  return path("M", cx - from / 2, y1, "C", cx - from / 2, m, cx - to / 2, m, cx - to / 2, y2, "L", cx + to / 2, y2, "C", cx + to / 2, m, cx + from / 2, m, cx + from / 2, y1, "Z");
}

// The tip points up, or to the right at 90°.
const arrowhead = (x, y, turn) => svg("path", { class: "loop-tip", d: "M -7 9 L 0 -2 L 7 9 Z", transform: `translate(${Math.round(x)} ${Math.round(y)}) rotate(${turn})` });

const label = (x, y, anchor, name, figure) => [
  svg("text", { class: "loop-name", x, y, "text-anchor": anchor }, name),
  svg("text", { class: "loop-figure", x, y: y + 24, "text-anchor": anchor }, figure),
];

// A rate is a pill on its way, with what it counts in words beside it.
function rate(x, y, figure, words, place, beside) {
  const w = Math.max(figure.length * 8 + 18, 44);
  return [
    svg("rect", { class: "loop-pill", x: x - w / 2, y: y - 13, width: w, height: 26, rx: 13 }),
    svg("text", { class: "loop-rate", x, y: y + 4.5, "text-anchor": "middle" }, figure),
    place === "below" && svg("text", { class: "loop-word", x, y: y + 30, "text-anchor": "middle" }, words),
    place === "right" && svg("text", { class: "loop-word", x: beside, y: y + 4 }, words),
  ];
}
