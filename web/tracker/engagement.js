// Engaged time: the page has the focus, which only a visible page has, and its
// reader did something (scrolled, pointed, typed) in the last 30 seconds.
// Scroll depth: the lowest point seen, in percent of the page's height when it
// is left. No timer runs: what passed is counted when something happens.
import { send } from "./events.js";

let since, spent, depth;

// tick counts the time up to now, and says whether time goes on from here.
export const tick = () => {
  const now = performance.now();
  spent += since && Math.min(now - since, 3e4);
  since = document.hasFocus() && now;
  depth = Math.max(depth, scrollY + innerHeight);
};

// begin starts a page view from nothing.
export const begin = () => {
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
