package enrich

import (
	"strings"
	"testing"

	"github.com/ua-parser/uap-go/uaparser"
)

// want is "browser version|system version|device|in-app".
var agentCases = []struct{ name, ua, want string }{
	{"Chrome on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome 142.0|Windows 10|Desktop|"},
	{"Edge on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Microsoft Edge 142.0|Windows 10|Desktop|"},
	{"Edge on Android", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0", "Microsoft Edge 131.0|Android 10|Mobile|"},
	{"Edge on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/131.0.2903.68 Mobile/15E148 Safari/605.1.15", "Microsoft Edge 131.0|iOS 17.7|Mobile|"},
	{"Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145.0|GNU/Linux|Desktop|"},
	{"Firefox on Ubuntu", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox 133.0|Ubuntu|Desktop|"},
	{"Firefox on Windows 7", "Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0", "Firefox 115.0|Windows 7|Desktop|"},
	{"Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox 133.0|Android 14|Mobile|"},
	{"Firefox on an Android tablet", "Mozilla/5.0 (Android 13; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox 133.0|Android 13|Tablet|"},
	{"Firefox on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15", "Firefox 133.0|iOS 14.7|Mobile|"},
	{"Safari on a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari 18.1|Mac 10.15|Desktop|"},
	{"Safari on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18.1|iOS 18.1|Mobile|"},
	{"Safari on an iPad", "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1", "Safari 16.6|iOS 16.6|Tablet|"},
	{"Chrome on a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome 142.0|Mac 10.15|Desktop|"},
	{"Chrome on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome 131.0|iOS 17.5|Mobile|"},
	{"Chrome on an Android phone", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome 131.0|Android 10|Mobile|"},
	{"Chrome on an Android tablet", "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome 131.0|Android 10|Tablet|"},
	{"Chrome OS", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome 131.0|Chrome OS 14541.0|Desktop|"},
	{"Samsung Internet", "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36", "Samsung Browser 26.0|Android 14|Mobile|"},
	{"Samsung tablet that says Mobile", "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36", "Chrome 120.0|Android 13|Tablet|"},
	{"Opera", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", "Opera 115.0|Windows 10|Desktop|"},
	{"Opera Mini", "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10", "Opera 7.1||Mobile|"},
	{"Vivaldi", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.11", "Vivaldi 7.0|GNU/Linux|Desktop|"},
	{"DuckDuckGo", "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile DuckDuckGo/5 Safari/537.36", "DuckDuckGo Privacy Browser 5|Android 14|Mobile|"},
	{"Yandex Browser", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36", "Yandex Browser 24.10|Windows 10|Desktop|"},
	{"UC Browser", "Mozilla/5.0 (Linux; U; Android 11; en-US; RMX2185) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.8.0.1329 Mobile Safari/537.36", "UC Browser 13.8|Android 11|Mobile|"},
	{"Internet Explorer 11", "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer 11.0|Windows 7|Desktop|"},
	{"Amazon Silk", "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/124.5.1 like Chrome/124.0.6367.207 Safari/537.36", "Amazon Silk 124.5|Android 9|Tablet|"},
	{"Facebook on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 [FBAN/FBIOS;FBAV/468.0.0.41.103;FBBV/606066430;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/fr_FR;FBOP/5]", "Facebook 468.0|iOS 17.5|Mobile|Facebook"},
	{"Facebook on Android", "Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.122 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0.0.43.107;]", "Facebook 470.0|Android 13|Mobile|Facebook"},
	{"Messenger", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 [FBAN/MessengerForiOS;FBAV/450.0.0.37.108;FBBV/577000000]", "Messenger 450.0|iOS 17.4|Mobile|Messenger"},
	{"Instagram", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F90 Instagram 337.0.2.24.92 (iPhone14,5; iOS 17_5_1; fr_FR; fr; scale=3.00; 1170x2532; 609774245)", "Instagram 337.0|iOS 17.5|Mobile|Instagram"},
	{"Threads", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21F79 Barcelona 338.0.0.29.90 (iPhone15,2; iOS 17_5; en_US; en; scale=3.00; 1179x2556)", "Threads|iOS 17.5|Mobile|Threads"},
	{"LinkedIn", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.29.8962", "LinkedIn|iOS 17.5|Mobile|LinkedIn"},
	{"TikTok", "Mozilla/5.0 (Linux; Android 13; 2201117TG Build/TKQ1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 trill_2023506050 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/35.6.5 ByteLocale/en BytedanceWebview/d8a21c6", "TikTok|Android 13|Mobile|TikTok"},
	{"Pinterest", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]", "Pinterest|iOS 17.5|Mobile|Pinterest"},
	{"Snapchat", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Snapchat/12.89.0.40 (like Safari/8618.2.12.10.9, panda)", "Snapchat 12.89|iOS 17.5|Mobile|Snapchat"},
	{"WeChat", "Mozilla/5.0 (Linux; Android 12; ELS-AN00 Build/HUAWEIELS-AN00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F36) WeChat/arm64", "WeChat|Android 12|Mobile|WeChat"},
	{"LINE", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.9.0", "LINE 14.9|iOS 17.5|Mobile|LINE"},
	{"Google app", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/322.0.642969747 Mobile/15E148 Safari/604.1", "Google 322.0|iOS 17.5|Mobile|Google"},
	{"Apple TV", "AppleCoreMedia/1.0.0.21K69 (Apple TV; U; CPU OS 17_2 like Mac OS X; en_us)", "|tvOS|TV|"},
	{"Samsung TV", "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36", "Safari|Tizen 6.0|TV|"},
	{"LG TV", "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager", "Chrome 94.0|Web0S|TV|"},
	{"PlayStation 5", "Mozilla/5.0 (PlayStation; PlayStation 5/6.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15", "Safari 15.4||Console|"},
	{"Nintendo Switch", "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/606.4 (KHTML, like Gecko) NF/6.0.1.15.4 NintendoBrowser/5.1.0.20393", "Nintendo Browser 5.1||Console|"},
	{"Galaxy Watch", "Mozilla/5.0 (Linux; Android 11; SAMSUNG SM-R890) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/3.0 Chrome/106.0.5249.126 Mobile Safari/537.36", "Samsung Browser 3.0|Android 11|Wearable|"},
	{"Quest", "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/32.1 Chrome/122.0.6261.64 VR Safari/537.36", "Oculus Browser 32.1|Android|Wearable|"},
	{"Tesla", "Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chromium/79.0.3945.130 Chrome/79.0.3945.130 Safari/537.36 Tesla/2020.16.2.1", "Chromium 79.0|GNU/Linux|Car|"},
	{"a proxy that names itself behind the browser", "Mozilla/2.0 (compatible; MSIE 3.0; Windows 95) via proxy gateway CERN-HTTPD/3.0 libwww/2.17", "Internet Explorer 3.0|Windows 95|Desktop|"},
	{"a proxy of another make", "Opera/7.50 (Macintosh; U; PPC Mac OS X 10.3.3; en-US) via HTTP/1.0 proxy.example.org/", "Opera 7.50|Mac 10.3|Desktop|"},
	{"a page read translated", "Mozilla/5.0 (X11; Linux x86_64; rv:52.0) Gecko/20100101 Firefox/52.0,gzip(gfe) (via translate.google.com)", "Firefox 52.0|GNU/Linux|Desktop|"},
	{"Samsung's browser before it named itself", "Mozilla/5.0 (Linux; Android 4.2.2; Galaxy Nexus Build/JDQ39) AppleWebKit/535.19 (KHTML, like Gecko) Version/1.0 Chrome/18.0.1025.308 Mobile Safari/535.19", "Samsung Browser 1.0|Android 4.2|Mobile|"},
	{"an app that names itself in a web view", "Mozilla/5.0 (Linux; Android 10; SOV37 Build/52.1.C.0.220; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/123.0.6312.120 Mobile Safari/537.36 Sleipnir/3.7.5", "Sleipnir 3.7|Android 10|Mobile|"},
	{"an app that names itself on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Klarna/23.36.223", "Klarna 23.36|iOS 16.6|Mobile|"},
	{"a browser on old Android that names itself", "Mozilla/5.0 (Linux; U; Android 4.2.1; en-us; HUAWEI G610-U00 Build/HuaweiG610-U00) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 OneBrowser/4.1.2 Mobile Safari/533.1", "One Browser 4.1|Android 4.2|Mobile|"},
	{"Safari that says its version behind its build", "Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) AppleWebKit/537.51.2 (KHTML, like Gecko) Mobile/11D257 Version/6.0 Safari/537.51.2", "Safari 6.0|iOS 7.1|Mobile|"},
	{"Opera GX on a phone", "Mozilla/5.0 (Linux; Android 10; Redmi Note 8 Pro Build/QP1A.190711.020) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0.5790.168 Mobile Safari/537.36 OPX/2", "Opera GX 2|Android 10|Mobile|"},
	{"Opera GX", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/73.0.3683.103 Safari/537.36 OPR/60.0.3255.50747 OPRGX/60.0.3255.50747", "Opera GX 60.0|Windows 10|Desktop|"},
	{"Pico, which says that it is like Quest", "Mozilla/5.0 (X11; Linux x86_64; PICO 4 OS5.4.0 like Quest) AppleWebKit/537.36 (KHTML, like Gecko) PicoBrowser/3.3.22 Chrome/105.0.5195.68 VR Safari/537.36 OculusBrowser/7.0", "Pico Browser 3.3|Android|Wearable|"},
	{"IceDragon", "Mozilla/5.0 (Windows NT 10.0; WOW64; rv:57.0) Gecko/20100101 Firefox/57.0 IceDragon/57.0.4", "IceDragon 57.0|Windows 10|Desktop|"},
	{"PlayStation 4", "Mozilla/5.0 (PlayStation 4 6.20) AppleWebKit/605.1.15 (KHTML, like Gecko) ", "PlayStation Browser||Console|"},
	{"Opera as Netscape", "Mozilla/3.0 (Windows 3.10;US) Opera 3.62  [en]", "Opera 3.62|Windows 3.1|Desktop|"},
	{"Internet Explorer with a language", "Mozilla/4.0 [fi] (compatible; MSIE 5.0; Windows 98)", "Internet Explorer 5.0|Windows 98|Desktop|"},
	{"Netscape of a maker's own", "Mozilla/4.8C-SGI [en] (X11; U; IRIX64 6.5 IP27)", "Netscape 4.8||Desktop|"},
	{"MIUI Browser without a version", "Mozilla/5.0 (Linux; U; Android 9; fr-fr; Redmi Note 8 Pro Build/PPR1.180610.011) AppleWebKit/537.36 (KHTML like Gecko) Version/4.0 Chrome/71.0.3578.141 Mobile Safari/537.36 XiaoMi/MiuiBrowser", "MIUI Browser|Android 9|Mobile|"},
	{"360 on a cheap phone", "Mozilla/5.0 (Linux; Android 11; Redmi K30i 5G Build/RKQ1.200826.002) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/92.0.4515.131 Mobile Safari/537.36 360 Alitephone Browser (1.5.0.40)", "360 Browser 1.5|Android 11|Mobile|"},
	{"Netscape with a build behind its language", "Mozilla/4.04 [en]C-WNS2.5 (Win95; I)", "Netscape 4.04|Windows 95|Desktop|"},
	{"Aliyun on YunOS", "Mozilla/5.0 (Linux; U; Android 4.2.2; zh-cn; YunOS/2.0.1) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1 Tanggula/0.1.0", "Aliyun Browser 4.0|Android 4.2|Mobile|"},
	{"Safari's own requests", "Safari5525.27.1 CFNetwork/422.15.2 Darwin/9.6.2 (i386) (MacBookPro5%2C1)", "Safari|Mac 10.5|Desktop|"},
	{"Android's browser cut short", "Mozilla/5.0 (Linux; U; Android; en-us; HLV-TN75 Build/FRF91) AppleWebKit/533.1", "Android Browser|Android|Mobile|"},
	{"a carrier's mark", "Mozilla/5.0 (Linux; U; Android 4.1.1; fr-; Vodafone 975N Build/JRO03C) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.1 Mobile Safari/534.30 SVN/130HCN2", "Android Browser 4.1|Android 4.1|Mobile|"},
	{"a view of Edge", "Mozilla/5.0 (Linux; Android 10; SM-G973U Build/QP1A.190711.020; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.185 Mobile Safari/537.36 EdgW/1.0", "Microsoft Edge 1.0|Android 10|Mobile|"},
	{"Opera without a minor version", "Mozilla/5.0 (Linux; Android 6.0.1; TbooK 16 Build/MMB29M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/59.0.3071.125 Safari/537.36 OPR/43", "Opera 43|Android 6.0|Tablet|"},
	{"Firefox on an iPhone without a minor version", "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/108 Mobile/15E148 Version/15.0", "Firefox 108|iOS 16.1|Mobile|"},
}

func describe(a *Agent) string {
	join := func(name, version string) string { return strings.TrimSpace(name + " " + version) }
	return join(a.Browser, a.BrowserVersion) + "|" + join(a.OS, a.OSVersion) + "|" + a.Device + "|" + a.InApp
}

func TestAgent(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, c := range agentCases {
		t.Run(c.name, func(t *testing.T) {
			a := e.Agent(c.ua)
			if a.Bot.Is() {
				t.Fatalf("%q is taken for the bot %+v", c.ua, a.Bot)
			}
			if got := describe(a); got != c.want {
				t.Errorf("%q\n got %s\nwant %s", c.ua, got, c.want)
			}
			if again := e.Agent(c.ua); *again != *a {
				t.Errorf("the second answer, %+v, is not the first", again)
			}
		})
	}
}

func TestAgentReadsNoMoreThanItsLimit(t *testing.T) {
	e := newEnricher(t, Options{})
	ua := agentCases[0].ua + strings.Repeat(" padding", 200) + " Googlebot/2.1"
	if a := e.Agent(ua); a.Bot.Is() || a.Browser != "Chrome" {
		t.Errorf("got %+v, want Chrome: what comes after 1,024 bytes does not count", a)
	}
}

func TestHeadless(t *testing.T) {
	const ua = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36"
	if a := newEnricher(t, Options{}).Agent(ua); !a.Bot.Is() {
		t.Errorf("headless Chrome is taken for a reader: %+v", a)
	}
	if a := newEnricher(t, Options{AllowHeadless: true}).Agent(ua); describe(a) != "Chrome 142.0|GNU/Linux|Desktop|" {
		t.Errorf("AllowHeadless: got %+v", a)
	}
}

func FuzzAgent(f *testing.F) {
	e := newEnricher(f, Options{})
	for _, c := range agentCases {
		f.Add(c.ua)
	}
	f.Add("\x00\xff Mozilla/5.0 (\u2028")
	f.Fuzz(func(t *testing.T, ua string) {
		a := e.Agent(ua)
		for _, s := range []string{a.Browser, a.BrowserVersion, a.OS, a.OSVersion, a.Device, a.InApp, a.Bot.Name} {
			checkText(t, s, 100)
		}
	})
}

func BenchmarkAgentUncached(b *testing.B) {
	e := newEnricher(b, Options{})
	i := 0
	for b.Loop() {
		e.agents.read(agentCases[i%len(agentCases)].ua)
		i++
	}
}

// What the filter saves: uap-go's own parser on the same User-Agents, without
// its cache. It does less: browser and system, no bots, no device.
func BenchmarkUAPUnfiltered(b *testing.B) {
	p, err := uaparser.New(uaparser.WithMode(uaparser.EOsLookUpMode|uaparser.EUserAgentLookUpMode), uaparser.WithCacheSize(1))
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		ua := agentCases[i%len(agentCases)].ua
		p.ParseUserAgent(ua)
		p.ParseOs(ua)
		i++
	}
}
