// Building elements without HTML text: what readers sent can only ever
// become text nodes and attributes.

/**
 * h makes an element. Properties that begin with "on" are listeners, those
 * in dataset and vars (custom properties) are objects, the rest are
 * attributes; null, undefined and false leave an attribute or a child out.
 */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) set(el, key, value);
  el.append(...children.flat(Infinity).filter(given));
  return el;
}

const given = (v) => v !== null && v !== undefined && v !== false;

function set(el, key, value) {
  if (!given(value)) return;
  if (key === "dataset") {
    for (const [k, v] of Object.entries(value)) if (given(v)) el.dataset[k] = v;
  } else if (key === "vars") {
    for (const [k, v] of Object.entries(value)) el.style.setProperty(k, v);
  } else if (key.startsWith("on")) {
    el.addEventListener(key.slice(2), value);
  } else {
    el.setAttribute(key, value === true ? "" : value);
  }
}

/** icon copies the <template id="icon-…"> of the page. */
export function icon(name) {
  return document.getElementById("icon-" + name).content.firstElementChild.cloneNode(true);
}
