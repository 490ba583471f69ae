package enrich

import "strings"

// What is said here of words holds for those of bots.tsv that aren't strong,
// and for the shape of an agent: an app that is called Downloader, a television
// whose agent has no version and a phone that is called Discovery are people's.

// personalAgents are what only the programs and devices of people write into
// their User-Agent: an app's own HTTP library, a television, a games console,
// an old phone, a browser that no bot claims to be.
var personalAgents = &lazyRegexp{expr: `(?i)` + strings.Join([]string{
	// Libraries that an app for a phone or a desktop asks with.
	`\bokhttp\b`, `\bCFNetwork/.*\bDarwin/`, `\bDart/\d.*\(dart:io\)`, `\bAlamofire/`, `; Scale/\d`, `\bCronet/\d`, `\bDalvik/`, `\bExoPlayer`, `\bktor\b`,
	`\bUnityPlayer/`, `; wv[);]`, `\bAppleCoreMedia/`, `\bCoreMedia v\d`, `^stagefright/`,
	// Televisions, boxes and consoles.
	`\bHbbTV/`, `\bCE-HTML\b`, `\bNETTV/`, `\bNETRANGE`, `\bGoogle ?TV\b`, `\bgftv\d`, `\bCrKey/`, `\bsmart-?tv`, `\bTbrowser/`, `\bLG Browser/`, `\bweb[O0]S\b`, `\bVIDAA/`, `\bOMI/\d`,
	`\bOpenTV\b`, `\bOpera TV\b`, `\bHybridcast/`, `\bDTV\b`, `\bRokuOS/`, `\bNetTV\b`, `\bMachBlue`, `\bCobalt/`, `\bAFT[A-Z]{1,3}\d*\b`, `;tpapi\b`, `\bAppleTV\b`, `\bRoku/`, `\bNintendo\b`, `\bPlayStation\b`, `\bSega`, `\bDream(?:Key|Passport)/`, `\bXBMC/`, `\bKodi/`,
	// Phones of before the smartphone, their browsers and what these go through.
	`\bMIDP-\d`, `\bCLDC-\d`, `\bUP\.(?:Browser|Link)/`, `\bWAP[ _-]?(?:Browser|Proxy)\b`, `_wap[ _]browser`, `\bMAUI\b`, `\bUC(?:WEB|Browser|Mini)`, `\bBada/`, `\bDolfin/`, `\bSymbian`, `\bSeries ?[468]0\b`,
	`\bBREW[/-]`, `\bREX;`, `\bObigo`, `\bTeleca`, `\bNetFront/`, `\bPOLARIS\b`, `\bAVE-?Front/`, `\bIEMobile\b`, `\bBlackBerry`, `\bEPOC32`, `\bopwv`, `\bDoCoMo/`, `\bJ-PHONE/`, `\bVodafone/`, `\bKDDI-`, `\bWebTV/`,
	// Browsers and apps by names that the words are in.
	`\bSogou(?:MSE|MobileBrowser|AndroidBrowser|Search)\b`, `\bFB(?:AN|_IAB)/`, `\bMicroMessenger/`, `\bAlipay`, `\bcom\.google\.(?:android|ios|Google|OPA|Maps)`, `\bGmmClient\b`, `\bGoogleWv/`, `\bAppleNews/`, `\bNews/\d+ Version/`,
	`\bbaidub(?:rowser|oxapp)\b`, `\bQQDownload\b`, `\bchromeframe\b`, `\bFirePHP\b`, `\bbsalsa\.com\b`, `\bGoogle Earth\b`, `\bGoogleT\d`, `\bNetSurf/`, `\bBrowseX\b`, `\bOffByOne\b`, `\bamaya/`, `\bHTML5 Parser\b`, `\bMosaic(?:/| |\(|$)`, `\bIBM WebExplorer\b`, `\bDillo\b`, `\bICAPoHTTPS?$`, `\bGWX:`,
	`\bMQQBrowser/`, `\bSafari(?:%20| )Technology(?:%20| )Preview/`, `\bChrome/[\d.]+ Torrent/\d`, `\[avantbrowser\.com\]`,
	`\bYandex[\w ]*(?:/[\d.]+)? \([\w.]*; ?(?:Android|iOS)`,
}, `|`)}

// appLibraries are the libraries of personalAgents that only apps ask with.
var appLibraries = &lazyRegexp{expr: `(?i)\bokhttp\b|\bCFNetwork/.*\bDarwin/|\bAlamofire/|; Scale/\d`}

// phoneMakers begin the agents of phones of before the smartphone.
var phoneMakers = &lazyRegexp{expr: `(?i)^(?:LGE?|MOT(?:O|OROLA)?|SAMSUNG|SEC|SIE|NOKIA|SONYERICSSON|Ericsson|HTC|ZTE|ALCATEL|HUAWEI|LENOVO|PANASONIC|PHILIPS|SAGEM|SANYO|SHARP|BENQ|AMOI|BIRD|HAIER|ASUS|ACER|DELL|PANTECH|AUDIOVOX|KYOCERA|PALM|VIDEOCON|KARBONN|MICROMAX|LAVA|SPICE|ZIOX|GIONEE|TCL|OPPO|VIVO|XIAOMI|MEIZU|ONEPLUS|T-MOBILE|VODAFONE|ORANGE|CASIO|NEC|SENDO|TELIT|TOSHIBA|I-MATE|DOPOD|QTEK|HP|O2|K-TOUCH|COOLPAD|TIANYU|PORTALMMM|BLACKBERRY|SPRINT|MAXX|INTEX|ITEL|TECNO|INFINIX)(?:[ ._-]|[a-z]{0,4}\d)[^:]*$`}

// phoneSystems are what an app that says where it runs writes. A bot that
// gives itself out for a phone's begins as a browser does, with Mozilla.
var phoneSystems = &lazyRegexp{expr: `(?i)android|iphone|ipad\d|\bipad\b|ipod|\biOS\b|_iOS\b|watch ?OS|\bWatch\d,\d|\btvOS\b|\bGarmin\b|Apple Watch|` +
	`\b(?:SM|GT|SCH|SGH|SHV|SPH)-[A-Z]\d{3}|\bLG-[A-Z]{1,2}\d{3}|\bHTC[ _](?:Desire|One|Sensation|Wildfire|Explorer|Rhyme)|\bLumia \d|\bDevice model:|\bAPI \d+\. Language`}

// links may have a system in the name of their host.
var links = &lazyRegexp{expr: `(?i)\b(?:https?:|www\.)[^\s;,)"]*`}

// sender tells, when first asked, whose program an agent is.
type sender struct {
	ua       string
	lower    string // lowerForFilter(ua)
	asked    bool
	persons  bool
	searched bool
	model    [2]int // where the device's model stands
}

// person reports whether the agent is one of personalAgents or an app's that
// says which phone it runs on.
func (s *sender) person() bool {
	if !s.asked {
		s.asked = true
		app := !strings.Contains(s.lower, "mozilla/") && phoneSystems.get().MatchString(links.get().ReplaceAllString(s.ua, ""))
		s.persons = (app || personalAgents.get().MatchString(s.ua) || phoneMakers.get().MatchString(s.ua)) &&
			!(strings.Contains(s.lower, "http:") && calledCompatible(s.lower))
	}
	return s.persons
}

// inAddOns reports whether a part of the agent is among what Internet Explorer
// 11 has between its engine and its version: whatever is installed writes its
// name there, or its firm's address. (Bots gave themselves out for older ones.)
func (s *sender) inAddOns(from, to int) bool {
	i := strings.Index(s.ua, " Trident/7")
	end := strings.Index(s.ua, "; rv:11.0) like Gecko")
	return 0 <= i && i < from && to <= end
}

// inModel reports whether a part of the agent is the name of the device and its
// build, which Android's agents have after the system's version. A model that
// has a link, an address or "compatible" in it is a bot's.
func (s *sender) inModel(from, to int) bool {
	if !s.searched {
		s.searched = true
		s.model = androidModel(asciiLower(s.ua))
	}
	return s.model[0] <= from && to <= s.model[1]
}

// androidModel is where the model stands in an agent in lower case.
func androidModel(ua string) (at [2]int) {
	i := strings.Index(ua, "android ")
	if i < 0 {
		i = strings.Index(ua, "; adr ") // as UC Browser writes it
	}
	if i < 0 {
		return at
	}
	i += len("; ")
	from := strings.IndexByte(ua[i:], ';')
	if from < 0 {
		return at
	}
	from += i + 1
	to := len(ua)
	for _, end := range [...]string{")", " applewebkit"} {
		if n := strings.Index(ua[from:to], end); n >= 0 {
			to = from + n
		}
	}
	if _, build, ok := strings.Cut(ua[from:to], " build/"); ok {
		if n := strings.IndexByte(build, ';'); n >= 0 {
			to -= len(build) - n
		}
	}
	if model, _, _ := strings.Cut(ua[from:to], " build/"); strings.Contains(model, "compatible") || strings.Contains(model, "://") || strings.Contains(model, "bot/") || strings.ContainsAny(model, "@+") && !strings.HasSuffix(model, "+") {
		return at
	}
	return [2]int{from, to}
}

// compatibles are the browsers, and the systems, that name themselves after
// "Mozilla/4.0 (compatible; ". What else does is a program that wants a site to
// send it what browsers get.
var compatibles = map[string]bool{
	"msie": true, "mspie": true, "konqueror": true, "omniweb": true, "opera": true, "ibrowse": true, "icab": true, "icab pre": true,
	"netpositive": true, "abrowse": true, "teleca q": true, "polaris": true, "origyn web browser": true, "odyssey web browser": true,
	"antfresco": true, "oregano": true, "acorn browse": true, "acorn phoenix": true, "go.web": true, "antgalio": true, "dillo": true, "dplus": true, "ncbrowser": true, "amiga-aweb": true, "amigavoyager": true, "aweb": true, "voyager": true,
	"eudoraweb": true, "offbyone": true, "netbox": true, "gecko": true, "genieo": true, "netfront": true, "avantgo": true, "blazer": true,
	"u": true, "i": true, "n": true, "x": true, "x11": true, "win": true, "windows": true, "windows nt": true, "windows mobile": true, "windows-media-player": true, "macintosh": true, "intel mac os x": true,
	"linux": true, "linux mips": true, "haiku r": true, "mobile": true, "tablet": true, "smartphone": true, "mmef": true, "oss": true, "mc": true, "fw": true,
	"nokia podcasting": true, "googletoolbar": true, "mozilla": true, "wap browser": true, "": true,
}

// calledCompatible reports whether an agent in lower case names a program, and
// no browser, as the compatible one.
func calledCompatible(lower string) bool {
	before, name, ok := strings.Cut(lower, "compatible;")
	if !ok {
		return false
	}
	// "Android 4.0 compatible;" says what the system is like.
	if before := strings.TrimRight(before, " "); before != "" && isWord(before[len(before)-1]) {
		return false
	}
	name = strings.TrimLeft(name, " ")
	if n := strings.IndexAny(name, ";/)(0123456789,"); n >= 0 {
		name = name[:n]
	}
	name = strings.TrimRight(name, " -v")
	return !compatibles[name]
}
