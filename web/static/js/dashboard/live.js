// Live figures. While the tab is visible, a small question goes to the server
// now and then: who reads now, and has anything happened today? It answers
// 304 when nothing did. When something did and the view reaches until today,
// the panels load again; a slow site is asked less often.

const EVERY = 1000; // ms between questions: what happens shows within two seconds
const REST = 2; // a refresh that took one second is followed by two of rest
const SLOWEST = 60_000;

/**
 * live asks `${src}.json` and calls now(n) with the number of readers.
 * refresh() is called when there is something new to show.
 */
export function live(src, { now, refresh }) {
  let known = null; // what the panels show
  let pending = null; // what there is since, null = nothing new
  let etag = null, free = 0, timer = 0, failures = 0;

  async function ask() {
    timer = 0;
    try {
      const response = await fetch(`${src}.json`, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
      failures = response.ok || response.status === 304 ? 0 : failures + 1;
      if (response.ok && !response.redirected) {
        const answer = await response.json();
        etag = response.headers.get("ETag");
        now(answer.readers);
        if (known === null) known = answer.seen;
        pending = answer.seen !== known ? answer.seen : null;
      }
    } catch {
      failures++;
    }
    if (pending !== null && performance.now() >= free) await again();
    plan();
  }

  async function again() {
    const start = performance.now();
    known = pending;
    pending = null;
    await refresh();
    free = performance.now() + Math.min(REST * (performance.now() - start), SLOWEST);
  }

  function plan() {
    if (document.hidden || timer) return;
    const pause = pending === null ? EVERY * 2 ** failures : Math.min(EVERY, free - performance.now());
    timer = setTimeout(ask, Math.min(Math.max(pause, 0), SLOWEST));
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    timer = 0;
    if (!document.hidden) ask();
  });
  ask();
}
