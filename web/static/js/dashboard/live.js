// Live figures. While the tab is visible, a small question stands at the server:
// who reads now, and is there something new? It is answered when there is, or
// with 304 when nothing happened for a while. Where it isn't held (too many
// are, or a proxy cuts it off), it is asked again now and then. When there is
// something new and the view reaches until today, the panels load again; a slow
// site is asked less often.

const HELD = 25; // s that an answer may be held
const UNHELD = 2000; // ms between questions that are not
const BUSY = 1000; // ms after something new: what happens shows within two seconds
const REST = 2; // a refresh that took one second is followed by two of rest
const SLOWEST = 60_000;

/**
 * live asks `${src}.json` and calls now(n) with the number of readers.
 * refresh() is called when there is something new to show.
 */
export function live(src, { now, refresh }) {
  let known = null; // what the panels show
  let pending = null; // what there is since, null = nothing new
  let etag = null, free = 0, timer = 0, failures = 0, asking = null;

  async function ask() {
    timer = 0;
    if (asking) return;
    asking = new AbortController();
    let pause = UNHELD;
    try {
      const headers = etag ? { "If-None-Match": etag } : {};
      if (pending === null && failures === 0) headers.Prefer = `wait=${HELD}`;
      const response = await fetch(`${src}.json`, { headers, cache: "no-store", signal: asking.signal });
      failures = response.ok || response.status === 304 ? 0 : failures + 1;
      if (response.headers.has("Preference-Applied")) pause = 0;
      if (response.ok && !response.redirected) {
        const answer = await response.json();
        etag = response.headers.get("ETag");
        now(answer.readers);
        if (known === null) known = answer.seen;
        pending = answer.seen !== known ? answer.seen : null;
        pause = BUSY;
      }
    } catch {
      if (!document.hidden) failures++; // else it was taken back
    }
    if (pending !== null && performance.now() >= free) await again();
    asking = null;
    plan(pause);
  }

  async function again() {
    const start = performance.now();
    known = pending;
    pending = null;
    await refresh();
    free = performance.now() + Math.min(REST * (performance.now() - start), SLOWEST);
  }

  function plan(pause) {
    if (document.hidden || timer) return;
    pause = pending === null ? pause * 2 ** failures : Math.min(BUSY, free - performance.now());
    timer = setTimeout(ask, Math.min(Math.max(pause, 0), SLOWEST));
  }

  // A tab that nobody looks at takes no connection.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    timer = 0;
    if (document.hidden) asking?.abort();
    else ask();
  });
  ask();
}
