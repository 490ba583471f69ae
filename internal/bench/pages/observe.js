// Runs at the beginning of each document and notes in `observed` what its
// reader has to wait for. Times are in ms since the navigation.
(() => {
  const seen = (globalThis.observed = { figures: 0, last: 0, shift: 0, blocked: 0, failed: 0 });

  // A layout shift counts into the worst five seconds with no pause of one, as
  // browsers' own figure (CLS) does.
  let sum = 0, first = 0, before = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      if (entry.startTime - before > 1000 || entry.startTime - first > 5000) [sum, first] = [0, entry.startTime];
      before = entry.startTime;
      sum += entry.value;
      seen.shift = Math.max(seen.shift, sum);
    }
  }).observe({ type: "layout-shift", buffered: true });

  // What a task takes beyond 50 ms, once something is painted, is time in which
  // the page answers nobody.
  const long = 50;
  const tasks = [];
  let painted = Infinity;
  const block = () => (seen.blocked = tasks.reduce((all, t) => (t.startTime + t.duration > painted ? all + t.duration - long : all), 0));
  new PerformanceObserver((list) => {
    tasks.push(...list.getEntries());
    block();
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === "first-contentful-paint") painted = entry.startTime;
    block();
  }).observe({ type: "paint", buffered: true });

  const look = () => {
    const panels = [...document.querySelectorAll("[data-panel]:not([hidden])")];
    const busy = panels.filter((p) => p.ariaBusy === "true");
    const now = performance.now();
    if (!seen.figures && panels.some((p) => p.dataset.kind === "figures" && !busy.includes(p))) seen.figures = now;
    if (document.readyState === "loading") return; // more panels are to come
    if (!seen.last && panels.length && !busy.length) {
      seen.last = now;
      seen.failed = document.querySelectorAll('[data-panel] [role="alert"]').length;
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributeFilter: ["aria-busy", "hidden"] });
  document.addEventListener("DOMContentLoaded", look);
})();
