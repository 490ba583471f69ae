// Building SVG as dom.js builds HTML: attributes and text nodes, never markup.

const NS = "http://www.w3.org/2000/svg";

/** svg makes an element; null, undefined and false leave an attribute or a child out. */
export function svg(tag, props, ...children) {
  const el = document.createElementNS(NS, tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "vars") for (const [k, v] of Object.entries(value)) el.style.setProperty(k, v);
    else el.setAttribute(key, typeof value === "number" ? Math.round(value * 100) / 100 : value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

/** path joins commands and numbers: path("M", 1, 2, "L", 3, 4). */
export const path = (...parts) => parts.map((p) => (typeof p === "number" ? Math.round(p * 100) / 100 : p)).join(" ");

/**
 * fitted draws into an element now and again when its width changes, until it
 * leaves the page: sizes of text stay those of the style sheet.
 */
export function fitted(box, draw) {
  let width = 0;
  const observer = new ResizeObserver(() => {
    if (!box.isConnected) return observer.disconnect();
    if (Math.abs(box.clientWidth - width) < 1) return;
    width = box.clientWidth;
    draw(width);
  });
  observer.observe(box);
}
