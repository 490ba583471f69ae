// Where a share begins. A share form is told by its address: a word of sharing
// in its host or path, then a parameter that carries an address or a text. A
// letter is a share when its body holds an address. Which network it is, the
// collector tells from the address (internal/enrich knows the hosts): one list,
// in one place, and none to download.
//
//   twitter.com, x.com      /intent/tweet?text= /intent/post?url=
//   bsky.app, threads.net   /intent/compose?text= /intent/post?text=
//   facebook.com            /sharer/sharer.php?u= /dialog/send?link= /dialog/share?href=
//   linkedin.com            /sharing/share-offsite/?url= /shareArticle?url=
//   reddit.com, HN          /submit?url= /submitlink?u=
//   WhatsApp                wa.me/?text= /send?text=
//   Telegram, VK, LINE      /share/url?url= /share.php?url= /lineit/share?url=
//   Mastodon                share.joinmastodon.org/#text= <instance>/share?text= tootpick.org/#text=
//   Pinterest               /pin/create/button/?url=
//   Tumblr, Flipboard       /widgets/share/tool?canonicalUrl= share.flipboard.com/bookmarklet/popout?url=
//   Buffer, Hatena, AddToAny /add?url= /add_to/<service>?linkurl=
//   Xing                    /spi/shares/new?url=
import { options } from "./options.js";

const form =
  /^(mailto|sms|.*?(intent|.add|wa.me|send|share|submit|toot|create).*?)[:?#].*((text|rl|link|u|href)=|body=.*http)/;

// rare are forms without such a word or such a parameter; they are asked about
// with EXTRA, and must hold an address of this site.
const rare =
  /^(https?:..(line.me.R.msg.text|b.hatena.ne.jp.entry|s2f.kytta.dev|connect.ok.ru.offer|mail.google.com.mail|www.xing.com.app.user|getpocket.com.save|[^?]*(bookmarklet|blog-this|clip.action|forward|reshare))|(viber|line):..[^?]*)/;

// network returns the address of the share form without its parameters, or
// "mailto" or "sms"; undefined where an address is no share form.
export const network = (href) =>
  EXTRA
    ? (form.exec(href) || ((href + "").includes(location.hostname) && rare.exec(href)) || 0)[1]
    : form.exec(href)?.[1];

// names are how an address says a network whose key it doesn't hold.
const names = {
  x: "twitter",
  email: "mailto|mail",
  bluesky: "bsky",
  telegram: "t.me",
  whatsapp: "wa.me",
  hackernews: "ycombinator",
  mastodon: "joinmastodon|tootpick|://[^/]+/share",
};

// wanted says whether data-networks, where it is given, names a network.
export const wanted = (name) =>
  !options.networks ||
  options.networks.split(/[^\w-]+/).some((key) => key && RegExp("\\b(" + key + "|" + (names[key] || key) + ")\\b", "i").test(name));
