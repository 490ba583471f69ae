// Draws an option with ECharts. The library is a chunk of its own, fetched
// with the first picture. A chart is kept while its panel lives, updated as
// data changes, and drawn again when the theme does.
import { onThemeChange } from "../theme.js";
import { h } from "./dom.js";
import { formatters, rowOf } from "./formatters.js";
import { legendRows, wrapLegend } from "./legend.js";
import { resolve } from "./option.js";

const held = new Map(); // panel body → what is drawn in it

/** drawChart draws data.option into a panel; go(url) follows a click. */
export async function drawChart(body, data, go) {
  const [echarts, world] = await Promise.all([import("./echarts.js"), data.kind === "map" && import("./world.js")]);
  if (world && !echarts.getMap("world")) echarts.registerMap("world", world.worldMap());
  if (!body.isConnected) return;

  let c = held.get(body);
  if (!c || !c.box.isConnected) {
    drop(body);
    c = hold(body, data.kind, echarts);
  }
  c.box.setAttribute("aria-label", data.summary || data.title);
  c.click = (point) => {
    const i = data.regions ? data.regions.indexOf(point.name) : rowOf(point);
    if (i >= 0 && data.links?.[i]) go(data.links[i]);
  };
  c.draw = () => {
    const option = resolve(data.option, formatters(data));
    if (world) for (const s of option.series) Object.assign(s, { projection: world.naturalEarth, showLegendSymbol: false });
    option.textStyle = { fontFamily: getComputedStyle(c.box).fontFamily };
    c.rows = () => legendRows(option, c.box.clientWidth);
    c.shown = c.rows();
    wrapLegend(option, c.shown);
    option.animation = !c.drawn && !matchMedia("(prefers-reduced-motion: reduce)").matches;
    option.animationDuration = 250;
    c.chart.setOption(option, { notMerge: true });
    c.drawn = true;
  };
  c.draw();
}

function hold(body, kind, echarts) {
  const box = h("div", { class: "chart", role: "img", dataset: { kind } });
  body.replaceChildren(box);
  const c = { box, chart: echarts.init(box, null, { renderer: "canvas" }), drawn: false };
  c.observer = new ResizeObserver(() => {
    c.chart.resize();
    if (c.drawn && box.clientWidth && c.rows() !== c.shown) c.draw();
  });
  c.observer.observe(box);
  c.chart.on("click", (point) => c.click?.(point));
  held.set(body, c);
  return c;
}

/** drop lets go of a panel's chart, if it has one. */
export function drop(body) {
  const c = held.get(body);
  if (!c) return;
  c.observer.disconnect();
  c.chart.dispose();
  held.delete(body);
}

/** chartsFollowTheme draws all charts again in the colours of a new theme. */
export function chartsFollowTheme() {
  onThemeChange(() => held.forEach((c) => c.draw?.()));
}
