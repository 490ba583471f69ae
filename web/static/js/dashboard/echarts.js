// The custom build of ECharts, in pieces: what every picture needs, and what only
// some do. Each is a chunk of its own, fetched once, when something is first drawn
// with it. Pieces hold what internal/chart can ask for and no more.
const core = () => import("./echarts/core.js");
const axes = () => import("./echarts/axes.js");
const series = {
  scatter: () => import("./echarts/scatter.js"),
  heatmap: () => import("./echarts/heatmap.js"),
  map: () => import("./echarts/map.js"),
};

const here = new Map(); // piece → its module

function pieces(option) {
  const list = [core, option.xAxis && axes, ...option.series.map((s) => series[s.type])];
  return new Set(list.filter(Boolean));
}

/** fetchFor gets the pieces that an option is drawn with. */
export const fetchFor = (option) => Promise.all([...pieces(option)].map(async (piece) => here.set(piece, await piece())));

/** isHere says that fetchFor has got all of them. */
export const isHere = (option) => [...pieces(option)].every((piece) => here.has(piece));

/** init makes a chart in an element, once a piece is here. */
export const init = (box) => here.get(core).init(box, null, { renderer: "canvas" });

/** projection is the world map's, once its piece is here. */
export const projection = () => here.get(series.map).naturalEarth;
