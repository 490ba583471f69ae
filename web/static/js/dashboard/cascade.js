// How a post spread: the post in the middle, its shares around it, the shares
// that came of those on the next ring. A slider goes through them in order of
// time, by hand, by keys or by itself.
import { t } from "../strings.js";
import { cellText } from "./bars.js";
import { h, icon } from "./dom.js";
import { format } from "./format.js";
import { fitted, path, svg } from "./svg.js";
import { place, plant } from "./tree.js";

const LARGEST = 460; // px
const LENGTH = 12_000; // ms that the whole takes at most
const PACE = { least: 70, most: 700 }; // ms a share
const LEGEND = 8; // networks

const shown = new WeakMap(); // panel body → {key, step}: what a refresh must not undo

export function drawCascade(body, data) {
  const key = JSON.stringify(data.rows) + document.documentElement.lang;
  const before = shown.get(body);
  if (before?.key === key && body.querySelector(".cascade")) return;
  const nodes = plant(data);
  const c = new Cascade(data, nodes);
  const step = before && before.step < before.count ? Math.min(before.step, nodes.length) : nodes.length;
  c.onstep = (step) => shown.set(body, { key, step, count: nodes.length });
  body.replaceChildren(c.element);
  c.show(step);
}

class Cascade {
  onstep = () => {};

  constructor(data, nodes) {
    this.data = data;
    this.nodes = nodes;
    this.timer = 0;
    this.picture = h("div", { class: "cascade-picture", role: "img", "aria-label": this.#summary() });
    this.said = h("p", { class: "cascade-said" });
    this.slider = h("input", { type: "range", class: "range", min: 0, max: nodes.length, step: 1, "aria-label": t("dash.cascade.step"), oninput: () => this.#stop() || this.show(Number(this.slider.value)) });
    this.play = h("button", { class: "button button-small button-icon cascade-play", type: "button", onclick: () => (this.timer ? this.#stop() : this.#start()) });
    this.element = h("div", { class: "cascade" },
      this.picture,
      h("div", { class: "cascade-side" },
        h("div", { class: "cascade-tools", role: "group", "aria-label": t("dash.cascade.tools") },
          this.play, this.#button("back", "dash.cascade.back", -1), this.#button("forward", "dash.cascade.forward", 1), this.slider),
        this.said, this.#legend()));
    this.#face();
    fitted(this.picture, (width) => this.#draw(width));
  }

  #button(name, text, by) {
    return h("button", { class: "button button-small button-icon", type: "button", "aria-label": t(text), title: t(text), onclick: () => this.#stop() || this.show(this.step + by) }, icon(name));
  }

  /** show shows the first shares by time, as many as step says. */
  show(step) {
    this.step = Math.max(0, Math.min(step, this.nodes.length));
    this.slider.value = this.step;
    this.slider.style.setProperty("--part", this.nodes.length ? this.step / this.nodes.length : 0);
    const words = this.#words(this.step);
    this.slider.setAttribute("aria-valuetext", words.join(". "));
    this.said.replaceChildren(h("b", null, words[0]), h("span", null, words[1]));
    this.#mark();
    this.onstep(this.step);
  }

  // What there is so far, and the share that came last.
  #words(step) {
    const so = this.nodes.slice(0, step);
    const visits = so.reduce((sum, n) => sum + n.visits, 0);
    const sum = t("dash.cascade.so_far", { count: step, visits });
    return [sum, step === 0 ? t("dash.cascade.before") : step === this.nodes.length ? this.#depth() : this.#tell(so[step - 1])];
  }

  #tell(n) {
    return t("dash.cascade.share", { time: format.bucket(n.time, "hour", true), network: cellText(this.data, n.i, n.network), ring: n.generation, count: n.visits });
  }

  #depth() {
    return t("dash.cascade.depth", { count: this.nodes.reduce((most, n) => Math.max(most, n.ring), 0), span: this.#span() });
  }

  #span() {
    const [first, last] = [this.nodes[0], this.nodes.at(-1)].map((n) => format.bucket(n.time, "day", false));
    return first === last ? first : `${first} – ${last}`;
  }

  #summary() {
    return t("dash.cascade.summary", { count: this.nodes.length, visits: this.nodes.reduce((sum, n) => sum + n.visits, 0) }) + " " + this.#depth();
  }

  #draw(width) {
    const size = Math.min(width, LARGEST), r = size / 2;
    const rings = place(this.nodes, r - Math.max(r * 0.075, 7) - 4);
    this.groups = this.nodes.map((n) => svg("g", { class: "share-node", vars: { "--node": n.color } },
      svg("path", { class: n.lost ? "share-edge share-lost" : "share-edge", d: edge(n, n.parent), "stroke-width": 1 + Math.min(Math.sqrt(n.visits) * 0.6, 4) }),
      svg("circle", { class: n.visits ? "share-dot" : "share-dot share-idle", cx: n.x, cy: n.y, r: n.size },
        svg("title", null, this.#tell(n)))));
    this.picture.replaceChildren(svg("svg", { width: size, height: size, viewBox: `${-r} ${-r} ${size} ${size}`, "aria-hidden": "true", focusable: "false" },
      rings.map((ring, k) => svg("circle", { class: "share-ring", r: ring, "data-ring": k + 1 })),
      this.groups,
      svg("circle", { class: "share-post", r: Math.max(r * 0.06, 9) }),
      rings.map((ring, k) => svg("text", { class: "share-ring-name", x: 0, y: -ring + 4, "text-anchor": "middle" }, String(k + 1)))));
    this.#mark();
  }

  #mark() {
    this.groups?.forEach((g, i) => {
      g.classList.toggle("share-to-come", i >= this.step);
      g.classList.toggle("share-now", i === this.step - 1 && this.step < this.nodes.length);
    });
  }

  // The networks by what they brought, as the rows have it.
  #legend() {
    const by = new Map();
    for (const n of this.nodes) {
      const name = cellText(this.data, n.i, n.network);
      const line = by.get(name) ?? { name, color: n.color, shares: 0, visits: 0 };
      line.shares++;
      line.visits += n.visits;
      by.set(name, line);
    }
    const lines = [...by.values()].sort((a, b) => b.visits - a.visits || b.shares - a.shares);
    return h("table", { class: "cascade-legend" },
      h("caption", { class: "sr-only" }, t("dash.cascade.legend")),
      h("thead", null, h("tr", null, h("th", { scope: "col" }, t("dash.cascade.network")), h("th", { scope: "col", class: "num" }, t("dash.cascade.shares")), h("th", { scope: "col", class: "num" }, t("dash.cascade.visits")))),
      h("tbody", null, lines.slice(0, LEGEND).map((l) => h("tr", null,
        h("th", { scope: "row" }, h("span", { class: "dot-own", vars: { "--node": l.color } }), l.name),
        h("td", { class: "num" }, format.full(l.shares, "count")), h("td", { class: "num" }, format.full(l.visits, "count"))))));
  }

  #start() {
    if (this.step >= this.nodes.length) this.show(0);
    const pace = Math.max(PACE.least, Math.min(LENGTH / this.nodes.length, PACE.most));
    this.timer = setInterval(() => {
      if (!this.element.isConnected) return this.#stop();
      this.show(this.step + 1);
      if (this.step >= this.nodes.length) this.#stop();
    }, pace);
    this.#face();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.#face();
  }

  #face() {
    const [name, text] = this.timer ? ["pause", t("dash.cascade.pause")] : ["play", t("dash.cascade.play")];
    this.play.replaceChildren(icon(name));
    this.play.setAttribute("aria-label", text);
    this.play.title = text;
  }
}

// An edge leaves its parent outwards and comes to its node from inwards.
function edge(n, parent) {
  const from = parent ? { x: parent.x, y: parent.y, angle: parent.angle, radius: parent.radius } : { x: 0, y: 0, angle: n.angle, radius: 0 };
  const m = (from.radius + n.radius) / 2;
  const on = (angle) => [m * Math.cos(angle), m * Math.sin(angle)];
  return path("M", from.x, from.y, "C", ...on(from.angle), ...on(n.angle), n.x, n.y);
}
