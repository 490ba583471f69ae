package enrich

import "testing"

// The agents that apps and devices of people have by default are people's,
// whatever word stands in the app's or the model's name.
func TestPeoplesPrograms(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, ua := range []string{
		"okhttp/4.12.0",
		"okhttp/5.0.0-alpha.14",
		"Tusky/17.0 Android/11 OkHttp/4.9.3",
		"MyNews/3.4 CFNetwork/1568.300.101 Darwin/24.2.0",
		"Downloader/1.0.0 CFNetwork/711.3.18 Darwin/14.0.0",
		"Client/29283 CFNetwork/1404.0.5 Darwin/22.3.0",
		"Dart/3.5 (dart:io)",
		"MyApp/1.0 (com.example.myapp; build:4; iOS 18.1.0) Alamofire/5.9.1",
		"MyApp/2.1 (iPhone; iOS 17.5; Scale/3.00)",
		"Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP1A.240505.005)",
		"com.google.android.youtube/19.20.34(Linux; U; Android 14; en_GB; Pixel 8 Build/AP1A.240505.005) gzip",
		"Mozilla/5.0 (Linux; Android 9; S60 Discovery Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/101.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 13; Spider 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Linux; Android 7.1.2; M bot Tab 103) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/83.0.4103.106 Safari/537.36",
		"Mozilla/5.0 (compatible; MSIE 9.0; Windows Phone OS 7.5; Trident/5.0; IEMobile/9.0; HTC; Radar 4G)",
		"Mozilla/5.0 (SAMSUNG; SAMSUNG-GT-S8500/S8500XXJF4; U; Bada/1.0; fr-fr) AppleWebKit/533.1 (KHTML, like Gecko) Dolfin/2.0 Mobile WVGA SMM-MMS/1.2.0 OPN-B",
		"Opera/9.80 (Linux mips; U; HbbTV/1.1.1 (; Humax; HM-9504HD; 0.01.06; 1.0; scrlgnnew; ); ce-html/1.0; xx) Presto/2.10.250 Version/11.60",
		"Mozilla/5.0 (Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/84.0.4147.140 Safari/537.36 OPR/46.0.2207.0 OMI/4.21.4.112.Catcher4.66 Model/Hisense-MT9602 VIDAA/5.0(SCHNEIDER;SmartTV;VS0432FB1;MTK9602/V0000.01.00T.L1210;HD)",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) Mobile/11B554a SogouMobileBrowser/3.1.2",
		"SAMSUNG-SGH-E250/1.0 Profile/MIDP-2.0 Configuration/CLDC-1.1 UP.Browser/6.2.3.3.c.1.101 (GUI) MMP/2.0",
		"Nokia2330c/09.55",
		"Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; en-US; rv:1.9.1.8) Gecko/20100317 Postbox/1.1.3",
		"Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)",
		"Mozilla/5.0 (Linux; U; Android 4.4.2; en-us; S420 Build/CUBOT) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
		"Mozilla/5.0 (Linux; U; Android 5.1; xx; T7 Build/someone@builder.net) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/61.0.3163.98 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; U; AliyunOS 2.3; Android 4.2 Compatible; xx; K7 Build/AliyunOs-2013) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
		"Mozilla/5.0 (Linux; Android 14; Pixel 7 Build/UP1A.231105.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 DailyNews/8.1.0",
		"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; https://intranet.example.com; rv:11.0) like Gecko",
		"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.3; Trident/7.0; .NET4.0E; GWX:DOWNLOADED; Tablet PC 2.0)",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.150 Safari/537.36 ICAPoHTTPS",
		"Opera/9.80 (Linux mips; Opera TV Store/6100; (DTV; DTV13/1.0; like Gecko; Opera/10.30)(avui/tv)) Presto/2.12.362 Version/12.11",
		"Mozilla/5.0 (Unknown; Linux armv7l) AppleWebKit/537.1+ (KHTML, like Gecko) Chrome/17.0.963.56 Safari/537.1+; Hybridcast/1.0(;00E091;TV;1;0;)0",
		"(samsung/m0xx/GT-I9300)API 16. Language English",
		"Virus Guard Version: 7.1 Device model: Wileyfox Swift Firmware version: 6.0.1",
		"Puzzles/3.2 (HTC Desire 820; de_DE)",
		"Mastodon/2024.6 (org.joinmastodon.app; build:412; iOS 17.5.0) Alamofire/5.9.1",
		"Mastodon/2024.6 (iPad; iOS 17.5; Scale/2.00)",
	} {
		if b := e.Agent(ua).Bot; b.Is() {
			t.Errorf("%q is taken for the bot %+v", ua, b)
		}
	}
}

// What fetches for itself, or for a document or a tool, is nobody who reads.
func TestProgramsThatFetch(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, c := range []struct{ ua, kind, name string }{
		{"Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "office", "Microsoft Office"},
		{"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Excel 16.0.13231; Pro)", "office", "Microsoft Office"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X) Word/14.50.0", "office", "Microsoft Office"},
		{"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; Microsoft Outlook 16.0.5056; ms-office; MSOffice 16)", "office", "Microsoft Office"},
		{"Outlook-iOS/696.1188109.prod.iphone (2.102.0)", "office", "Microsoft Outlook"},
		{"Mail/3445.4.7 CFNetwork/889.9 Darwin/17.2.0 (x86_64)", "office", "Apple Mail"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36 GTmetrix", "automation", "GTmetrix"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/537.36 (KHTML, like Gecko) YLT Chrome/85.0.4183.121 Safari/537.36", "automation", "YLT"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.34 (KHTML, like Gecko) wkhtmltopdf Safari/534.34", "automation", "wkhtmltopdf"},
		{"Mozilla/5.0 (X11; Linux i686) AppleWebKit/534.34 (KHTML, like Gecko) khtml2png Safari/534.34", "automation", ""},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 PageScreenshot/2.0", "automation", ""},
		{"Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.26200; en-NZ) PowerShell/7.5.4", "automation", "WindowsPowerShell"},
		{"Mozilla/5.0 (compatible; Arachmo)", "other", ""},
		{"Mozilla/5.0 (compatible; evc-batch/2.0.20160608212921)", "other", "evc-batch"},
		{"kube-probe/1.31", "other", "kube-probe"},
		{"ReactorNetty/1.1.20", "other", "Reactor Netty"},
		{"curl/8.5.0", "library", "curl"},
		{"WordPress/6.5; https://android-tips.example", "seo", "WordPress"},
		{"WordPress/6.4.1; https://www.iphone.example; verifying pingback from 192.0.2.7", "seo", "WordPress"},
		{"https://agents.example/string/mozilla-5-0-iphone-cpu-iphone-os-16-0-like-mac-os-x", "other", ""},
		{"UCWEB/2.0 (Linux; U; Adr 4.1.2; en-US; G7) U2/1.0.0 UCBrowser/9.4.0.460 Mobile AppEngine-Google; (+http://code.google.com/appengine; appid: s~someproxy)", "other", "AppEngine-Google"},
		{"Mastodon/4.2.8 (http.rb/5.1.1; +https://social.example/)", "preview", "Mastodon"},
		{"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; SomeAnalyzer; +http://example.com/about)", "other", ""},
		{"Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/OPD3.170816.012; Nobodysbot/1.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.138 Mobile Safari/537.36", "other", ""},
		{"DoCoMo/2.0 P900i(c100;TB;W24H11) (compatible; ichiro/mobile goo; +http://help.goo.ne.jp/help/article/1142/)", "search", "ichiro"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) AppleWebKit/600.1.4 (KHTML, like Gecko) Version/8.0 Mobile/12F70 Safari/600.1.4 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search", "Googlebot"},
		{"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P; SomeNewBot/1.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2272.96 Mobile Safari/537.36", "other", ""},
		{"SomethingOfMine/1.0", "program", ""},
		{"Liferea/1.15", "feed", "Liferea"},
	} {
		if b := e.Agent(c.ua).Bot; b.Kind != c.kind || b.Name != c.name {
			t.Errorf("%q is %+v, want the %s %q", c.ua, b, c.kind, c.name)
		}
	}
}

// Crawlers and assistants of AI have one kind, known by their names or by what
// such names are made of.
func TestAI(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, name := range []string{
		"Amzn-User", "Amazonbot", "Applebot-Extended", "YouBot", "Diffbot", "ImagesiftBot", "meta-externalfetcher", "meta-externalagent",
		"ChatGPT-User", "OAI-SearchBot", "Claude-User", "Perplexity-User", "MistralAI-User", "Manus-User", "Kimi-User", "GoogleAgent-Mariner", "Google-CloudVertexBot",
		"DuckAssistBot", "Bytespider", "CCBot", "cohere-ai", "xAI-Bot", "DeepSeekBot", "webzio-extended", "PetalBot", "SomeNewAIBot", "Nobodys-User", "NobodyGPT-Crawler",
	} {
		for _, ua := range []string{
			"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; " + name + "/1.0; +https://example.com/bot) Chrome/119.0.6045.214 Safari/537.36",
			"Mozilla/5.0 (compatible; " + name + "/1.0)",
		} {
			if b := e.Agent(ua).Bot; b.Kind != BotAI {
				t.Errorf("%q is %+v", ua, b)
			}
		}
	}
}

// Words count as words: what looks like one inside another says nothing.
func TestWordsOfDevices(t *testing.T) {
	e := newEnricher(t, Options{})
	const android = ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
	for _, c := range []struct{ name, ua, want string }{
		{"x96 in 540x960", "Mozilla/5.0 (Linux; U; Android 4.0.4; de-de; Phone 540x960 Build/IMM76D) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30", DeviceMobile},
		{"x96", "Mozilla/5.0 (Linux; Android 9; X96mini" + android + "Safari/537.36", DeviceTV},
		{"aft in Craft", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Craft/1.2 Chrome/120.0.0.0 Safari/537.36", DeviceDesktop},
		{"a Fire TV", "Mozilla/5.0 (Linux; Android 9; AFTKA Build/PS7285.2877N" + android + "Mobile Safari/537.36", DeviceTV},
		{"stb in Postbox", "Mozilla/5.0 (Windows; U; Windows NT 6.1; en-US; rv:1.9.2.8) Gecko/20100914 Postbox/2.0.1", DeviceDesktop},
		{"stb in 1stBrowser", "Mozilla/5.0 (Windows NT 6.2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 1stBrowser/32.1.1700.77 Safari/537.36", DeviceDesktop},
		{"a set-top box", "Mozilla/5.0 (Linux; STB; armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.149 Safari/537.36", DeviceTV},
		{"watch in AirWatch", "Mozilla/5.0 (Linux; Android 8.0.0; Pixel 2 XL Build/OPD1" + android + "Mobile Safari/537.36 (AirWatch Browser v8.2)", DeviceMobile},
		{"a tablet that says Mobile", "Mozilla/5.0 (Linux; Android 10; AGR-W09" + android + "Mobile Safari/537.36", DeviceTablet},
		{"a tablet of a maker's line", "Mozilla/5.0 (Linux; Android 13; XiaoXin Pad 2022" + android + "Mobile Safari/537.36", DeviceTablet},
		{"a phone that doesn't say Mobile", "Mozilla/5.0 (Linux; Android 9; SM-G960U" + android + "Safari/537.36", DeviceMobile},
		{"a television by its size", "Mozilla/5.0 (Linux; Android 11; BQ_43FS38B Build/SP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 YaBrowser/24.1.2.182 (lite) Safari/537.36 TV", DeviceTV},
		{"a box", "Mozilla/5.0 (Linux; Android 7.1.2; rk322x-box Build/NHG47L" + android + "Safari/537.36", DeviceTV},
		{"an app on a phone", "MyApp/1.0 (Android 14; Pixel 8)", DeviceMobile},
		{"Puffin on a phone", "Mozilla/5.0 (X11; U; Linux x86_64; en-gb) AppleWebKit/537.36 (KHTML, like Gecko)  Chrome/30.0.1599.114 Safari/537.36 Puffin/4.0.4.931AP", DeviceMobile},
		{"Puffin on an iPad", "Mozilla/5.0 (X11; U; Linux x86_64; nb-NO) AppleWebKit/537.36 (KHTML, like Gecko)  Chrome/30.0.1599.114 Safari/537.36 Puffin/4.4.0IT", DeviceTablet},
		{"a phone called Tesla", "Mozilla/5.0 (Linux; Android 8.1.0; Tesla_SP9_4" + android + "Mobile Safari/537.36", DeviceMobile},
		{"a phone called Nitro", "Mozilla/5.0 (Linux; Android 9; Nitro 6X" + android + "Mobile Safari/537.36", DeviceMobile},
		{"a phone called Quest", "Mozilla/5.0 (Linux; Android 4.4.2; QUMO Quest 455" + android + "Mobile Safari/537.36", DeviceMobile},
		{"a phone called Pocket", "Mozilla/5.0 (Linux; Android 12; Pocket_4" + android + "Mobile Safari/537.36", DeviceMobile},
		{"a phone called Echo", "Mozilla/5.0 (Linux; Android 7.0; ECHO_STAR" + android + "Mobile Safari/537.36", DeviceMobile},
		{"an Echo", "Amazon;Echo_Dot;0123456789abcdef;;tpapi;3.200.1", DeviceSpeaker},
		{"a HomePod", "AppleCoreMedia/1.0.0.16A366 (HomePod; U; CPU OS 12_0 like Mac OS X; en_us)", DeviceSpeaker},
		{"a PlayStation 3", "Mozilla/5.0 (PS3; Leanback Shell) AppleWebKit/535.22 (KHTML, like Gecko) Chrome/19.0.1048.0 Safari/535.22", DeviceConsole},
		{"a tablet through UC Browser", "UCWEB/2.0 (Linux; U; Opera Mini/7.1.32052/30.3697; de; SM-T2110) U2/1.0.0 UCBrowser/9.8.0.534 Mobile", DeviceTablet},
		{"a Windows tablet", "Mozilla/5.0 (Windows NT 6.3; ARM; Trident/7.0; Touch; rv:11.0) like Gecko", DeviceTablet},
		{"a Windows phone that asks as a desktop", "Mozilla/5.0 (Windows NT 6.2; ARM; Trident/7.0; Touch; rv:11.0; WPDesktop; Lumia 930) like Gecko", DeviceMobile},
		{"a TiVo", "Opera/9.80 (Linux mips) Presto/2.12.407 Version/12.51, TiVo-Device/b-tcd.2014.01 (TiVo, TCD8F6000, wired)", DeviceTV},
		{"a television by its maker's number", "Mozilla/5.0 (Linux; Android 6.0.1; TPM191E Build/MUE34; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/90.0.4430.91 Mobile Safari/537.36", DeviceTV},
		{"a Japanese phone", "Mozilla/4.08 (N906i;FOMA;c500;TB)", DeviceMobile},
		{"an app on a Mac", "MyApp/1 CFNetwork/889.9 Darwin/17.2.0 (x86_64)", DeviceDesktop},
	} {
		if a := e.Agent(c.ua); a.Device != c.want || a.Bot.Is() {
			t.Errorf("%s: %q is %q, %+v; want %q", c.name, c.ua, a.Device, a.Bot, c.want)
		}
	}
}

func TestBrowsersWithNamesOfTheirOwn(t *testing.T) {
	e := newEnricher(t, Options{})
	for _, c := range []struct{ ua, want string }{
		{"Mozilla/5.0 (Linux; Android 11; AQUOS-TVE19A Build/RTOB.240320.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.6367.123 YaBrowser/24.1.2.87 (lite) Mobile Safari/537.36", "Yandex Browser Lite 24.1"},
		{"Mozilla/5.0 (Linux; arm_64; Android 12; M40_Plus_EEA) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.645 YaSearchBrowser/24.44/apad BroPP/1.0 YaSearchApp/24.44/apad webOmni SA/3 Mobile Safari/537.36", "Yandex Browser 24.44"},
		{"Opera/9.80 (Linux sh4; U; HbbTV/1.1.1 (+PVR; Loewe; SL150; LOH/3.10;;) CE-HTML/1.0 Config(L:slv,CC:DEU); en) Presto/2.10.250 Version/11.60", "Opera 11.60"},
		{"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36 HbbTV/1.6.1 (+DRM; LGE; 50NANO; WEBOS22 05.00; W22; DTV_W22O;)", "Chrome 87.0"},
		{"Mozilla/5.0 (Linux ) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/77.0.3865.120 Safari/537.36 OPR/46.0.2207.0 OMI/4.20.5.61.LIMA.215 Model/Vestel-MB181 VSTVB MB100 HbbTV/1.5.1 (VESTEL; MB181; 3.25.32.0;;)", "Opera 46.0"},
		{"HbbTV/1.1.1 (;;;;;)", "HbbTV 1.1"},
		{"Mozilla/5.0 (Linux; Android 4.4.2; GLX Spider 5 Build/KOT49H) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.81 Mobile Safari/537.36", "Chrome 51.0"},
		{"Mozilla/5.0 (Linux; Android 9; VR BOT 560) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.80 Mobile Safari/537.36", "Chrome 70.0"},
		{"Mozilla/5.0 (Linux; Android 10; Quest 2) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/18.1.0.2.46 SamsungBrowser/4.0 Chrome/95.0.4638.74 VR Safari/537.36", "Oculus Browser 18.1"},
		{"Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.28 (KHTML, like Gecko) NX/3.0.3.12.15 NintendoBrowser/4.1.1.9601.EU", "Nintendo Browser 4.1"},
		{"Mozilla/5.0 (Linux; U; Android 4.4.4; zh-cn; HM 2A Build/KTU84P) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/2.1", "MIUI Browser 2.1"},
		{"Mozilla/5.0 (Linux; Android 4.4.4; en-gb; SAMSUNG SM-N910F Build/KTU84P) AppleWebKit/537.36 (KHTML, like Gecko) Version/2.0 Chrome/34.0.1847.76 Mobile Safari/537.36", "Samsung Browser 34.0"},
		{"Opera/9.80 (MAUI Runtime; Opera Mini/4.4.39008/37.9178; U; fr) Presto/2.12.423 Version/12.16", "Opera 4.4"},
		{"Mozilla/5.0 (iPad; CPU OS 15_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) OPT/4", "Opera 4"},
		{"Mozilla/5.0 (Linux; U; Android 4.2.2; P7 Build/JDQ39) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30 OPR/23.0.2254.114474", "Opera 23.0"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/100.0.124 Chrome/94.0.4606.124 Safari/537.36", "Coc Coc 100.0"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36 Avast/119.0.23320.200", "Avast Secure Browser 119.0"},
		{"Mozilla/5.0 (X11; U; SunOS i86pc; en-US; rv:1.7) Gecko/20050502", "Mozilla 1.7"},
		{"Mozilla/5.0 (Linux; U; de-de; GT-I9100 Build/GINGERBREAD) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Safari/533.1", "Android Browser 4.0"},
		{"Philips T3500_TD/V1 Linux/3.4.5 Android/4.2 Release/05.02.2013 Browser/AppleWebKit534.30 Mobile Safari/534.30;", "Android Browser 4.2"},
		{"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chr0me/108.0.5359.211 Safari/537.36 LG Browser/8.00.00(LGE; 50NANO81T6A; 23.20.65; 0x00000001)", "LG Browser 8.00"},
		{"Mozilla/5.0 (Linux; U; Android 12; zh-Hans-CN; MIZ-BD00 Build/HinovaMIZ-BD00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 Quark/6.9.0.481 Mobile Safari/537.36", "Quark 6.9"},
		{"Mozilla/5.0 (Linux; Android 14; ELP-NX9 Build/HONORELP-N39) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.6478.135 Mobile Safari/537.36 OPX/2.5", "Opera GX 2.5"},
		{"Mozilla/4.7 [en] (Windows NT 6.0; U)", "Netscape 4.7"},
		// Built on another's engine, and in no list.
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36 Nobodys/98.8.8175.80", "Nobodys 98.8"},
		{"Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) NobodysBrowser/3.1 Chrome/131.0.0.0 Mobile Safari/537.36", "Nobodys Browser 3.1"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15 Orion/2.0", "Orion 2.0"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 LibreWolf/124.0.2", "LibreWolf 124.0"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0 Nobodyfox/7.2", "Nobodyfox 7.2"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/6.10.1 Chrome/134.0.0.0 Safari/537.36", "QtWebEngine 6.10"},
		{"Mozilla/3.0 (compatible; NetPositive/2.2.1; BeOS)", "NetPositive 2.2"},
		// What is added to a browser, and what it runs on, is none.
		{"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:15.0) Gecko/20100101 Ubuntu/12.04 Firefox/15.0", "Firefox 15.0"},
		{"Mozilla/5.0 (Mobile; MAXCOM MK241; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1", "Firefox 48.0"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 One/1.0 Two/2.0", "Chrome 120.0"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 x86/1.0", "Chrome 120.0"},
		{"Mozilla/5.0 (Linux; Android 12; Mobile VR; rv:121.0) Gecko/121.0 Firefox/121.0 Wolvic/1.6.1", "Wolvic 1.6"},
		{"Mozilla/5.0 (Linux; Tizen 2.3; FamilyHub) AppleWebKit/537.3 (KHTML, like Gecko) Version/2.3 Mobile Safari/537.3", "Tizen Browser 2.3"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Mobile Safari/537.36 Edge/18.17763", "Microsoft Edge 18.17763"},
		{"Mozilla/5.0 (PlayStation 5 3.03/SmartTV) AppleWebKit/605.1.15 (KHTML, like Gecko)", "PlayStation Browser "},
		{"Mozilla/5.0 (Linux; U; Android 4.4.2; zh-cn; GT-I9500 Build/KOT49H) AppleWebKit/537.36 (KHTML, like Gecko)Version/4.0 MQQBrowser/5.0 QQ-URL-Manager Mobile Safari/537.36", "QQ Browser 5.0"},
	} {
		a := e.Agent(c.ua)
		if got := a.Browser + " " + a.BrowserVersion; got != c.want || a.Bot.Is() {
			t.Errorf("%q is %q, %+v; want %q", c.ua, got, a.Bot, c.want)
		}
	}
}

func TestHasWord(t *testing.T) {
	for _, c := range []struct {
		in, word string
		want     bool
	}{
		{"postbox/1.1", "stb", false}, {"a stb b", "stb", true}, {"stb", "stb", true}, {"vodafone_stb/7", "stb", true},
		{"maple2012", "maple", true}, {"maples", "maple", false}, {"maples", "maple*", true}, {"sm-t510", "sm-t*", true}, {"xsm-t510", "sm-t*", false},
		{"craft/1", "aft*", false}, {"540x960", "x96*", false}, {"hisense-43-tv x", "hisense-*tv", true}, {"hisense x tv", "hisense-*tv", false}, {"", "tv", false},
	} {
		if got := hasWord(c.in, c.word); got != c.want {
			t.Errorf("%q has %q: %v", c.in, c.word, got)
		}
	}
}

// A sign that is named in code stands in the list that it is of.
func TestSignsAreOfTheList(t *testing.T) {
	all, err := readPrograms("bots.tsv", botsTSV)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, p := range all {
		known[p.pattern] = p.Kind == "-"
	}
	for _, list := range [][]string{strongSigns, feedSigns} {
		for _, s := range list {
			if !known[s] {
				t.Errorf("isbot has no pattern %s", s)
			}
		}
	}
}
