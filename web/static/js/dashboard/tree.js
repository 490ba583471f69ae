// Shares as a tree: from a panel's rows to places on rings around the post.
// Nothing here draws. Rows come from readers' browsers, so that a share may
// name a parent that isn't there, or two may name each other.

const COLUMNS = { time: "share:time", id: "share:id", parent: "share:parent", network: "share:network", visits: "share_visits" };

const INNER = [0.78, 0.62, 0.5, 0.42]; // the first ring, by how many there are
const GAP = 0.3; // at the top, for the rings' numbers

/**
 * plant makes nodes of rows, in order of time. A node has its row's number i,
 * its parent node (null = the post), children and ring; lost says that what
 * it followed is not among the rows.
 */
export function plant(data) {
  const at = Object.fromEntries(Object.entries(COLUMNS).map(([name, key]) => [name, data.columns.findIndex((c) => c.key === key)]));
  const nodes = data.rows.map((row, i) => ({
    i, id: row[at.id], after: row[at.parent], time: row[at.time], network: at.network,
    visits: row[at.visits] || 0, color: data.colors?.[i], parent: null, children: [], ring: 0, lost: false,
  })).sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.i - b.i));
  const byID = new Map();
  for (const n of nodes) if (n.id && !byID.has(n.id)) byID.set(n.id, n);
  for (const n of nodes) {
    const parent = n.after && byID.get(n.after);
    n.lost = Boolean(n.after) && (!parent || leadsTo(parent, n));
    if (parent && !n.lost) {
      n.parent = parent;
      parent.children.push(n);
    }
  }
  const settle = (n, ring) => {
    n.ring = ring;
    n.children.forEach((c) => settle(c, ring + 1));
  };
  // A lost share stands on the ring of its generation, the ID's first digit.
  for (const n of nodes) if (!n.parent) settle(n, n.lost ? Math.max(parseInt(n.id[0], 36) || 1, 1) : 1);
  return nodes;
}

// leadsTo says that a node comes after another, or is it.
function leadsTo(n, other) {
  for (let up = n; up; up = up.parent) if (up === other) return true;
  return false;
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
