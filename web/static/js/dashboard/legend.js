// A legend on a narrow card takes more lines rather than pages to leaf
// through: every name can be read.
const LINE = 18; // px
const GAPS = 24; // around a name: its mark, and the way to the next
const MOST = 3;

const pen = document.createElement("canvas").getContext("2d");

/** legendRows says how many lines the names take at a width; 0 without a legend. */
export function legendRows(option, width) {
  const { show, data = [], itemWidth } = option.legend ?? {};
  if (!show || !data.length) return 0;
  pen.font = `12px ${option.textStyle.fontFamily}`;
  let rows = 1;
  let at = 0;
  for (const item of data) {
    const takes = itemWidth + GAPS + pen.measureText(item.name ?? item).width;
    if (at && at + takes > width) {
      rows++;
      at = 0;
    }
    at += takes;
  }
  return rows;
}

/** wrapLegend makes room for so many lines; a legend of more keeps its pages. */
export function wrapLegend(option, rows) {
  if (rows < 2 || rows > MOST) return;
  option.legend.type = "plain";
  for (const grid of [option.grid].flat()) grid.top = Number(grid.top) + (rows - 1) * LINE;
}
