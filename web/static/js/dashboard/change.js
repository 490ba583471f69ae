// A change against the period before.
import { t } from "../strings.js";
import { h, icon } from "./dom.js";
import { format } from "./format.js";

const TONE = { good: "change change-good", bad: "change change-bad", none: "change" };

/**
 * changeMark says how a value changed: an arrow and a word for the direction,
 * a colour for whether that is good. Percentages change by points. From 0
 * there is no percentage, so it says what was before; without anything to
 * compare with it stays empty.
 */
export function changeMark({ change, previous, unit, good, value }) {
  if (previous === undefined || previous === null) return h("span", { class: "change" }, "\u00a0");
  const before = t("dash.before", { value: format.full(previous, unit) });
  const byPoints = unit === "percent" && value !== null;
  if (byPoints) change = value - previous;
  if (change === null || value === null) return h("span", { class: "change" }, before);
  const way = Math.abs(change) < 0.05 ? "flat" : change > 0 ? "up" : "down";
  const tone = way === "flat" || !good ? "none" : way === good ? "good" : "bad";
  return h("span", { class: TONE[tone], title: before },
    icon(way),
    h("span", { class: "sr-only" }, t("dash." + way)),
    byPoints ? format.points(change) : format.change(change));
}
