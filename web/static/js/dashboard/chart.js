// Draws options with ECharts. A panel's picture has its place at once, and is drawn
// there when the page has shown its figures and the place is near what the reader
// sees: one picture after another, with a pause between them in which the page can
// answer. A chart is kept while its panel lives, updated as data changes, and drawn
// again when the theme does.
import { onThemeChange } from "../theme.js";
import { h } from "./dom.js";
import { fetchFor, init, isHere, projection } from "./echarts.js";
import { formatters, rowOf } from "./formatters.js";
import { legendRows, wrapLegend } from "./legend.js";
import { resolve } from "./option.js";

const NEAR = "300px";

const held = new Map(); // panel body → its chart: what it shows, and how far it is drawn
let begun = false;
let drawing = false;

const nearness = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const c = held.get(target.parentElement);
    if (c) c.near = isIntersecting;
  }
  drawStale();
}, { rootMargin: NEAR });

/** beginCharts says that the figures stand. */
export function beginCharts() {
  begun = true;
  drawStale();
}

/**
 * drawChart shows data.option in a panel. go(url) follows a click; fail(error) is
 * called where it can't be drawn.
 */
export function drawChart(body, data, { go, fail }) {
  let c = held.get(body);
  if (!c || !c.box.isConnected) {
    drop(body);
    c = hold(body, data.kind);
  }
  Object.assign(c, { data, go, fail, stale: true });
  c.box.setAttribute("aria-label", data.summary || data.title);
  drawStale();
}

function hold(body, kind) {
  const box = h("div", { class: "chart", role: "img", dataset: { kind } });
  body.replaceChildren(box);
  const c = { box, chart: null, near: false, stale: true };
  held.set(body, c);
  nearness.observe(box);
  return c;
}

/** drop lets go of a panel's chart, if it has one. */
export function drop(body) {
  const c = held.get(body);
  if (!c) return;
  nearness.unobserve(c.box);
  c.observer?.disconnect();
  c.chart?.dispose();
  held.delete(body);
}

async function drawStale() {
  if (!begun || drawing) return;
  drawing = true;
  for (let next; (next = [...held].find(([, c]) => c.stale && c.near)); ) {
    const [body, c] = next;
    c.stale = false;
    try {
      await pause();
      await fetchFor(c.data.option);
      await pause();
      if (held.get(body) !== c) continue;
      if (!c.chart) {
        start(c);
        await pause();
      }
      if (held.get(body) === c) draw(c, { lazyUpdate: true });
    } catch (error) {
      if (held.get(body) === c) c.fail(error);
    }
  }
  drawing = false;
  idle(fetchRest);
}

// The browser paints, and answers the reader, before the next task.
const pause = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

const idle = window.requestIdleCallback ?? ((f) => setTimeout(f, 1000));

// Pictures further down are drawn when they come near, or printed: at once, then.
function fetchRest() {
  for (const c of held.values()) if (c.stale) fetchFor(c.data.option).catch(() => {}); // tried again when it is drawn
}

// With lazyUpdate, ECharts takes the option in now and paints it in the next frame.
function draw(c, { lazyUpdate = false } = {}) {
  const { data } = c;
  const option = resolve(data.option, formatters(data));
  for (const s of option.series) if (s.type === "map") Object.assign(s, { projection: projection(), showLegendSymbol: false });
  option.textStyle = { fontFamily: getComputedStyle(c.box).fontFamily };
  c.rows = () => legendRows(option, c.box.clientWidth);
  c.shown = c.rows();
  wrapLegend(option, c.shown);
  option.animation = !c.drawn && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  option.animationDuration = 250;
  c.chart.setOption(option, { notMerge: true, lazyUpdate });
  c.drawn = true;
}

function start(c) {
  const chart = (c.chart = init(c.box));
  chart.on("click", (point) => {
    const i = c.data.regions ? c.data.regions.indexOf(point.name) : rowOf(point);
    if (i >= 0 && c.data.links?.[i]) c.go(c.data.links[i]);
  });
  c.observer = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = c.box;
    if (width === chart.getWidth() && height === chart.getHeight()) return; // as it was drawn
    chart.resize();
    if (c.drawn && width && c.rows() !== c.shown) draw(c);
  });
  c.observer.observe(c.box);
}

/** chartsFollowTheme draws all charts again in the colours of a new theme. */
export function chartsFollowTheme() {
  onThemeChange(() => {
    for (const c of held.values()) c.stale = true;
    drawStale();
  });
}

/** chartsForPrint draws what is printed and was not in sight so far. */
export function chartsForPrint() {
  addEventListener("beforeprint", () => {
    for (const c of held.values()) {
      if (!c.stale || !c.box.clientWidth || !isHere(c.data.option)) continue;
      c.stale = false;
      if (!c.chart) start(c);
      draw(c);
    }
  });
}
