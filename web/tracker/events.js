// Events, the page view that they belong to, and the time that it is engaged.
//
// Engaged time: the page has the focus, which only a visible page has, and its
// reader did something (scrolled, pointed, typed) in the last 30 seconds.
// Scroll depth: the lowest point seen, in percent of the page's height when it
// is left. No timer runs: what passed is counted when something happens.
import { plain, returned } from "./bar.js";
import { hash, options, script } from "./options.js";

let since, spent, depth;

// tick counts the time up to now, and says whether time goes on from here.
export const tick = () => {
  const now = performance.now();
  spent += since && Math.min(now - since, 3e4);
  since = document.hasFocus() && now;
  depth = Math.max(depth, scrollY + innerHeight);
};

// begin starts a page view from nothing.
const begin = () => {
  since = spent = depth = 0;
  tick();
};

// report sends what came since the last report, if it is a second or more.
export const report = () => {
  if (spent > 999) {
    send("engagement", { sd: ((depth / document.body.scrollHeight) * 100) | 0, e: spent });
    spent = 0;
  }
};

// u is the address of the page view, r what led to it: another site at first,
// then the page view before.
export let u = EXTRA && returned() ? plain(location.href) : location.href;
let r = document.referrer;
let counted;

// excluded matches the addresses that data-exclude="/a, /b/*" leaves out.
const excluded = RegExp(
  "//[^/]+(" + (options.exclude + "").replace(/[^\w/*, ]/g, "\\$&").replace(/, */g, "|").replace(/\*/g, ".*") + ")([?#]|$)",
);

export const auto = (again) => "manual" in options || page(again);

// page counts a page view where somebody sees the page and its address is
// another than before, or again is set. A prerendered page is hidden until it
// is shown.
export const page = (again, more) => {
  const here = hash ? location.href : location.pathname;
  if (!document.hidden && (here != counted || again)) {
    if (counted) {
      report();
      r = u;
      u = EXTRA ? plain(location.href) : location.href;
    }
    counted = here;
    send("pageview", more);
    begin();
  }
};

// send is the only request of this script: text/plain, so without a preflight,
// and a beacon, so nothing waits for it and nobody hears of a dead collector.
export const send = (n, more) =>
  excluded.test(u) ||
  navigator.sendBeacon(
    options.endpoint || new URL("/api/event", script.src),
    JSON.stringify({ u, r, d: options.site, h: +hash, n, tz: Intl.DateTimeFormat().resolvedOptions().timeZone, ...more }),
  );
