// Where a share begins. A share form is told by its address: a word of sharing
// in its host or path, and a parameter that carries an address or a text. A
// letter is a share when its body holds an address. Which network it is, the
// collector tells from the address (internal/enrich knows the hosts): one list,
// in one place, and none to download.
//
//   twitter.com, x.com      /intent/tweet?text= /intent/post?url=
//   bsky.app, threads.net   /intent/compose?text= /intent/post?text=
//   facebook.com            /sharer/sharer.php?u= /dialog/send?link= /dialog/share?href=
//   linkedin.com            /sharing/share-offsite/?url= /shareArticle?url=
//   reddit.com, HN          /submit?url= /submitlink?u=
//   WhatsApp                wa.me/?text= /send?text= (with a number it is a call)
//   Telegram, VK, LINE      /share/url?url= /share.php?url= /lineit/share?url=
//   Mastodon                share.joinmastodon.org/#text= <instance>/share?text= tootpick.org/#text=
//   Pinterest               /pin/create/button/?url= /pin/create/bookmarklet/?url=
//   Tumblr, Flipboard       /widgets/share/tool?canonicalUrl= share.flipboard.com/bookmarklet/popout?url=
//   Buffer, Hatena, AddToAny /add?url= /add_to/<service>?linkurl=
//   Pocket, Viber, OK       getpocket.com/save?url= viber://forward?text= ok.ru/offer?url=
//   Gab, Outlook            /compose?url= /deeplink/compose?body=
//   Xing                    /spi/shares/new?url=
import { options } from "./options.js";

export const form = (href) =>
  /^(?=.*(([kulf]|ext)=|body=.*http))(mailto|sms|[^?#]*(wa.me|ok.ru|viber|intent|pocket|send|submi|.add|create|share|toot)[^?#]*(\?text)?)/.exec(href)?.[0];

// With EXTRA: what else carries an address of this site to another is a share
// too, under any path but those of tools and of feed readers, and in any
// parameter that a form may have for it, but not where it says where to go
// back to. A number, or a person to follow, makes none.
const none = /(phone=|wa.me.)\d|intent.(follow|user)|sub_confirmation|^[^?]*(.rss|subscri|follow)/;
const carries =
  EXTRA &&
  RegExp(
    "^(?![^?]*(rss|subscri|follow|reader|newsblur|translat|valid|archive|issue|calendar|print|speed|check|preview|oauth)|.*(feed|rss|xml|atom)(%2F|\\W)*(&|$))" +
      "(line:..\\w+|https?:..b.hatena.ne.jp.entry|[^?#]*(?=[?#](.*[?&;#.])?(?!re[dft])((\\w*(text|u|url|link|href|body|status|event|content|prefill|message)|[\\w-]*\\[\\w+\\])=)?[^&=]*[/F]" +
      location.hostname +
      "))(?=.*[/F]" +
      location.hostname +
      ")",
    "i",
  );

// network returns the address of the share form without its parameters, or
// "mailto" or "sms"; undefined where an address is no share form. A form that
// takes a text has "?text" with it: that is how an instance of Mastodon is
// known. Blogger's says the network itself.
export const network = EXTRA
  ? (href) => !none.test(href) && (/blogger.*target=(\w+)/.exec(href)?.[1] || form(href) || carries.exec(href)?.[0])
  : form;

// names are how an address says a network whose key it doesn't hold.
const names = {
  x: "twitter",
  email: "mailto|mail",
  bluesky: "bsky",
  telegram: "t.me",
  whatsapp: "wa.me",
  pocket: "getpocket",
  hackernews: "ycombinator",
  mastodon: "joinmastodon|tootpick|://[^/]+/share/?\\?text",
};

// wanted says whether data-networks, where it is given, names a network.
export const wanted = (name) =>
  !options.networks ||
  options.networks.split(/[^\w-]+/).some((key) => key && RegExp("\\b(" + key + "|" + (names[key] || key) + ")\\b", "i").test(name));
