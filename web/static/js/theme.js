// Colours for scripts. A custom property holds light-dark(…), which only an
// element's own colour resolves, so we ask a hidden one.

const probe = document.createElement("span");
probe.hidden = true;

// color("--accent") is the colour in the theme in use, as "rgb(…)".
export function color(name) {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

// onThemeChange calls back when the system's theme changes or the reader
// picks another.
export function onThemeChange(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
  new MutationObserver(callback).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
