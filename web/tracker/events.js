// Events, the page view that they belong to, and the time that it is engaged.
//
// Engaged time: the page has the focus and is visible, and its reader did
// something (scrolled, pointed, typed) in the last 30 seconds. A page that is
// left keeps the focus while it is hidden or kept alive for the back button.
// Scroll depth: the lowest point seen, in percent of the page's height. No timer
// runs: what passed is counted when something happens.
import { plain, returned } from "./bar.js";
import { hash, options, script, tried } from "./options.js";

let since, spent, depth, height;
let ticks = 0;

// tick counts the time up to now, and says whether time goes on from here. The
// height is that of the last event: a router may put another page in its place
// before it says so.
export const tick = () => {
  const now = performance.now();
  spent += since && Math.min(now - since, 3e4);
  since = document.hasFocus() > document.hidden && now;
  ticks++;
  height = document.body?.scrollHeight;
  depth = Math.max(depth, scrollY + innerHeight);
};

// report sends what came since the last report, if it is a second or more.
export const report = () => spent > 999 && (send("engagement", { sd: ((depth / height) * 100) | 0, e: spent }), (spent = 0));

// u is the address of the page view, r what led to it: another site at first,
// then the page view before.
export let u = EXTRA && returned() ? plain(location.href) : location.href;
let r = document.referrer;
let counted;

// excluded makes what matches the addresses that data-exclude="/a, /b/*" leaves
// out. The list stands between commas, so that each element ends before one. Both
// are compared with their escapes undone, byte by byte, whoever wrote them.
const excluded = () =>
  RegExp(
    "//[^/]+(" +
      unescape(unescape(encodeURI([, options.exclude, ,])))
        .replace(/[^\w*,\s]/g, "\\$&")
        .replace(/\s*[,\n]\s*/g, "|")
        .replace(/\*/g, ".*") +
      ")([?#]|$)",
  );

// here is the page as the collector tells pages apart. A slash at the end makes
// no other.
const here = () => (location.pathname + (hash ? location.hash : "")).split(/\/?(.utm_|$)/)[0];

// auto counts a page view where somebody sees the page and it is another than
// before, or again is set. A prerendered page is hidden until it is shown.
export const auto = (again) => "manual" in options || document.hidden || ((again || here() != counted) && send("pageview"));

// tidied takes an address that a router puts in place of another before anything
// happened for the same page.
export const tidied = () => (ticks == 1 ? (counted = here()) : auto());

// send is the only request of this script: text/plain, so without a preflight,
// and kept alive, so it survives the page and nothing waits for it.
export const send = (n, more) => tried(() => {
  if (n == "pageview") {
    if (counted) {
      report();
      r = u;
      u = EXTRA ? plain(location.href) : location.href;
    }
    counted = here();
    spent = since = 0;
    tick();
    depth = 0; // a router may scroll its new page after it says so
  }
  if (!excluded().test(unescape(u))) {
    const answer = fetch(new URL(options.endpoint || new URL("../api/event", script.src), location), {
      keepalive: 1,
      method: "POST",
      body: JSON.stringify({ h: +hash, tz: Intl.DateTimeFormat().resolvedOptions().timeZone, d: options.site, n, r, u, ...more }),
    });
    EXTRA ? answer.then(told, told) : answer.catch(tried);
  }
});

// told says in the console why an event was refused. With EXTRA alone: it is
// for whoever sets the site up.
const told = (why) => why.ok || console.warn("earshot:", why.status || why);
