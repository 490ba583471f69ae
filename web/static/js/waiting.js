// The snippet page waits for the blog's first event and says so when it
// comes: <div data-waiting="/…/status.json">, whose children [data-state]
// are shown one at a time.

const pause = 2000;

export function waitForEvent() {
  const box = document.querySelector("[data-waiting]");
  if (!box) return;
  const ask = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(box.dataset.waiting, { headers: { Accept: "application/json" } });
        if (answer.ok && (await answer.json()).arrived) return show(box, "arrived");
        if (answer.status === 401) return;
      } catch {
        // The server restarts or the network is away: the next try will tell.
      }
    }
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}

function show(box, state) {
  for (const child of box.querySelectorAll("[data-state]")) child.hidden = child.dataset.state !== state;
}
