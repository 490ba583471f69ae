// Clicks that leave: shares, links to other sites, file downloads. Seen before
// any handler of the page, on links around icons and inside open shadow trees.
import { send } from "./events.js";
import { network } from "./networks.js";
import { mark, share } from "./share.js";

const file = /\.(pdf|csv|txt|docx?|xlsx?|pptx?|zip|gz|dmg|mp[34])$/;

// follow records a share and returns its address with the share's ID in it;
// undefined where nothing is shared.
export const follow = (href, kind, name = network(href)) => name && (share(name, kind)(), mark(href + ""));

export const click = (event) =>
  event.composedPath().some((element) => {
    const href = element.href;
    const abroad = href && element.host != location.host;
    const button = (element.dataset || 0).earshotShare;
    const to = follow(href, href ? "link" : "button", button || (abroad && network(href)));
    if (to) {
      // The ID belongs to this click: the link is as it was for the next one.
      if (abroad) {
        element.href = to;
        setTimeout(() => (element.href = href));
      }
      return 1;
    }
    const name = abroad && element.host ? "Outbound Link: Click" : file.test(element.pathname) && "File Download";
    if (name) return send(name, { p: { url: href } });
  });
