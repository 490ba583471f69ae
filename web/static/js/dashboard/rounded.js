// Figures that rest on counts which a network rounds: ≈ for the eye, a word
// for screen readers.
import { t } from "../strings.js";
import { h } from "./dom.js";

const SIGN = "≈\u202f";

/** isRounded says that a cell rests on a rounded count. */
export const isRounded = (data, row, column) => Boolean(data.rounded?.[row] && data.columns[column].reading && data.rows[row][column] !== null);

/** roundedMark stands before such a figure; null where it is exact. */
export const roundedMark = (rounded) => (rounded
  ? [h("span", { "aria-hidden": "true", title: t("dash.rounded") }, SIGN), h("span", { class: "sr-only" }, t("dash.rounded_word") + " ")]
  : null);

const places = new WeakMap(); // data → its rows by bucket and series

/** rowAt finds the row of a point: by its bucket, and by its series' value where there are several; -1 = none. */
export function rowAt(data, bucket, series) {
  if (!places.has(data)) {
    const dims = data.columns.flatMap((c, i) => (c.metric ? [] : [i]));
    const time = dims.find((i) => data.columns[i].time);
    const other = dims.find((i) => i !== time);
    places.set(data, {
      several: other !== undefined,
      rows: new Map(data.rows.map((row, i) => [JSON.stringify([row[time], other === undefined ? "" : String(row[other])]), i])),
    });
  }
  const { several, rows } = places.get(data);
  return rows.get(JSON.stringify([bucket, several ? series : ""])) ?? -1;
}

/** approximately writes ≈ before a text where it rests on a rounded count. */
export const approximately = (rounded, text) => (rounded ? SIGN + text : text);
