// Shares as a tree: from a panel's rows to places on rings around the post.
// Nothing here draws. Rows have a parent before what followed it, and no
// circles: the server has seen to that.

const COLUMNS = { time: "time", id: "share", parent: "parent", network: "share:network", generation: "generation", visits: "share_visits", spread: "spread" };
export const MOST = 200; // shares that a picture bears

const INNER = [0.78, 0.62, 0.5, 0.42]; // the first ring, by how many there are
const GAP = 0.3; // at the top, for the rings' numbers

/**
 * plant makes nodes of rows, in order of time: of the MOST that spread
 * farthest, so that none is without the one it followed. A node has its row's
 * number i, its parent node (null = the post), children and ring. One whose
 * parent isn't known stands on the ring of its generation and is called lost.
 */
export function plant(data) {
  const at = Object.fromEntries(Object.entries(COLUMNS).map(([name, key]) => [name, data.columns.findIndex((c) => c.key === key)]));
  const nodes = data.rows.map((row, i) => ({
    i, id: row[at.id], after: row[at.parent], time: row[at.time], network: at.network, generation: row[at.generation],
    visits: row[at.visits], spread: row[at.spread], color: data.colors?.[i], parent: null, children: [], ring: 0, lost: false,
  })).sort((a, b) => b.spread - a.spread || a.i - b.i).slice(0, MOST).sort((a, b) => a.i - b.i);
  const byID = new Map(nodes.map((n) => [n.id, n]));
  for (const n of nodes) {
    n.parent = byID.get(n.after) ?? null;
    n.parent?.children.push(n);
  }
  const settle = (n, ring) => {
    n.ring = ring;
    n.children.forEach((c) => settle(c, ring + 1));
  };
  for (const n of nodes) {
    if (n.parent) continue;
    n.lost = n.generation > 1;
    settle(n, Math.max(n.generation, 1));
  }
  return nodes;
}

/**
 * place gives each node an angle and a size for a circle of the radius given,
 * and returns the rings' radii from the innermost on.
 */
export function place(nodes, radius) {
  const depth = nodes.reduce((most, n) => Math.max(most, n.ring), 1);
  // The first ring has the most shares: it gets room while there are few rings.
  const inner = INNER[Math.min(depth, INNER.length) - 1];
  const rings = Array.from({ length: depth }, (_, k) => radius * (inner + ((1 - inner) * k) / Math.max(depth - 1, 1)));
  const roots = nodes.filter((n) => !n.parent);
  const own = (n) => 1 + 0.7 * Math.sqrt(n.visits);
  const weigh = (n) => (n.weight = Math.max(own(n), n.children.reduce((sum, c) => sum + weigh(c), 0)));
  const all = roots.reduce((sum, n) => sum + weigh(n), 0) || 1;
  const unit = ((2 * Math.PI - GAP) * rings[0]) / all; // px on the first ring
  const largest = Math.max(radius * 0.07, 7);
  const spread = (list, from, width, total) => {
    for (const n of list) {
      const part = (width * n.weight) / total;
      n.angle = from + part / 2;
      n.radius = rings[n.ring - 1];
      n.x = n.radius * Math.cos(n.angle);
      n.y = n.radius * Math.sin(n.angle);
      n.size = Math.max(2, Math.min(0.48 * unit * own(n), largest));
      spread(n.children, from, part, n.weight);
      from += part;
    }
  };
  spread(roots, (GAP - Math.PI) / 2, 2 * Math.PI - GAP, all);
  return rings;
}
