// Clicks that leave: shares, links to other sites, file downloads. Seen before
// any handler of the page, on links around icons and inside open shadow trees.
import { lead, service, target } from "./bars.js";
import { send } from "./events.js";
import { network, wanted } from "./networks.js";
import { mark, share } from "./share.js";

// click says whether an element of a click's path was the one meant. Which
// links are downloads, and which lead away, the collector decides.
export const click = (element) => {
  const href = EXTRA ? target(element) : element.href;
  const abroad = href && (EXTRA ? new URL(href, location.href).host : element.host) != location.host;
  const button = element.dataset.earshotShare;
  const named = button || (abroad && network(href));
  const name = EXTRA ? named || service(element) : named;
  if (EXTRA ? name && wanted(name) : name) {
    share(name, href ? "link" : "button")();
    // The ID belongs to this click: the link is as it was for the next one.
    if (abroad) {
      if (EXTRA) lead(element, mark(href));
      else {
        element.href = mark(href);
        setTimeout(() => (element.href = href));
      }
    }
    return name;
  }
  return element.host && (abroad || /\.\w+$/.test(element.pathname)) && send("", { l: href });
};
