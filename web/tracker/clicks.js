// Clicks that leave: shares, links to other sites, file downloads. Seen before
// any handler of the page, on links around icons and inside open shadow trees.
import { lead, service, target } from "./bars.js";
import { send } from "./events.js";
import { network, wanted } from "./networks.js";
import { fresh, mark, share } from "./share.js";

const file = /\.((doc|xls|ppt)x?|mp[34]|csv|txt|zip|gz|pdf|dmg)$/;

// follow records a share and returns its address with the share's ID in it;
// undefined where nothing is shared.
export const follow = (href, kind, name = network(href)) =>
  (EXTRA ? name && wanted(name) : name) && (share(name, kind)(), mark(href + ""));

// click says whether an element of a click's path was the one meant.
export const click = (element) => {
    const href = EXTRA ? target(element) : element.href;
    const abroad = href && (EXTRA ? new URL(href, location.href).host : element.host) != location.host;
    const button = element.dataset.earshotShare;
    const named = button || (abroad && network(href));
    const to = follow(href, href ? "link" : "button", EXTRA ? named || service(element) : named);
    const name = abroad && element.host ? "Outbound Link: Click" : file.test(element.pathname) && "File Download";
    // The ID belongs to this click: the link is as it was for the next one.
    if (to && abroad) {
      if (EXTRA) lead(element, to);
      else {
        element.href = to;
        setTimeout(() => (element.href = href));
      }
    }
    return to || (name && send(name, { p: { url: href } }));
};
