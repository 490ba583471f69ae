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
//   Xing, Pocket            /spi/shares/new?url= /save?url=
const form =
  /^(mailto|sms|.*?(intent|share|submit|send|.add|create|save|wa.me|toot).*?)[:?#].*((u|rl|text|link|href)=|body=.*http)/;

// network returns the address of the share form without its parameters, or
// "mailto" or "sms"; undefined where an address is no share form.
export const network = (href) => (form.exec(href) || 0)[1];
