// Makes an ECharts option of what internal/chart sent. JSON can't carry
// functions and knows no theme, so the option names both: "fmt:…" at a
// formatter's place is looked up here, "var(--…)" at a colour's place is read
// from the style sheet (again when the theme changes). Names and values came
// in with events and are left alone.
import { color } from "../theme.js";

const FORMATTERS = new Set(["formatter", "valueFormatter"]);
const COLOURS = new Set(["color", "borderColor", "areaColor", "backgroundColor", "inactiveColor", "shadowColor", "textBorderColor"]);
const DATA = new Set(["name", "value"]);

/**
 * resolve copies an option with its names replaced.
 * @param {(name: string, args: string[]) => Function} formatter
 */
export function resolve(option, formatter) {
  const known = new Map(); // each is asked once: the browser computes styles for it
  const colour = (v) => {
    const m = typeof v === "string" && /^var\((--[\w-]+)\)$/.exec(v);
    if (m && !known.has(v)) known.set(v, color(m[1]));
    return m ? known.get(v) : v;
  };
  const walk = (value, key) => {
    if (DATA.has(key)) return value;
    if (COLOURS.has(key)) return Array.isArray(value) ? value.map(colour) : colour(value);
    if (FORMATTERS.has(key) && typeof value === "string" && value.startsWith("fmt:")) {
      const [name, ...args] = value.slice(4).split(":");
      return formatter(name, args);
    }
    if (Array.isArray(value)) return value.map((v) => walk(v, ""));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(v, k)]));
    }
    return value;
  };
  return walk(option, "");
}
