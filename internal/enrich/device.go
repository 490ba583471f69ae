package enrich

import "strings"

// Kinds of device.
const (
	DeviceDesktop  = "Desktop"
	DeviceMobile   = "Mobile"
	DeviceTablet   = "Tablet"
	DeviceTV       = "TV"
	DeviceConsole  = "Console"
	DeviceWearable = "Wearable"
	DeviceCar      = "Car"
	DeviceSpeaker  = "Smart Display"
)

// device tells the kind of device. uap-go has none; these rules look for what
// the makers write, the particular before the general. os is systemName's.
// "" where nothing tells.
//
// A word counts where it stands by itself: stb is a television's, and not in
// Postbox. See hasWord.
func device(ua, os string) string {
	low := asciiLower(ua)
	pairs := sieve{}
	for i := 1; i < len(low); i++ {
		pairs.add(pairOf(low, i-1))
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if pairs.has(pairOf(w, 0)) && hasWord(low, w) {
				return true
			}
		}
		return false
	}
	android := os == "Android" || has("android", "adr", "harmonyos", "openharmony", "aosp", "aliyunos", "yunos", "fire os") || os == "HarmonyOS"
	model := ""
	if android {
		model = deviceModel(low)
	}
	switch {
	case low == "":
		return ""
	case (has("playstation*", "xbox", "nintendo", "steam deck", "valve steam gamepad", "gamepad", "psp (*", "ps vita", "ouya", "sega*", "dreamkey", "dreampassport", "gamestick", "ps3", "dreamcast") || !android && has("nitro")) && !has("playstation messages", "xbox one smartglass"),
		android && consoleModel.has(model):
		return DeviceConsole
	case has("tizen") && has("watch", "sm-r*", "sm-l*"), android && wearableModel.has(model),
		has("oculusbrowser", "picobrowser", "vr safari", "wolvic", "wear os", "watch os", "watchos", "apple watch", "watch*,*", "glass 1", "gear fit*", "mobile vr"), has("garmin") && !android:
		return DeviceWearable
	case has("tesla/*") || !android && has("tesla") || has("qtcarbrowser", "android automotive", "mbux", "volvo*", "vcc"), android && carModel.has(model):
		return DeviceCar
	case has("crkey") && has("aarch64", "fuchsia") && !has("chromecast"), has("smartdisplay", "echo show*", "nest hub", "sonos", "homepod", "alexamediaplayer") || !android && has("echo_*", "echo;*"), strings.HasPrefix(model, "aeo") && os != "" || has("amazonavs"):
		return DeviceSpeaker
	case isTV(has), android && (tvModel.has(model) && !phoneModel.has(model) && !tabletSeries.has(model)):
		return DeviceTV
	case has("ipad*", "sm-t*", "sm-x*", "kindle", "silk/*", "playbook", "nook*", "kobo*", "remarkable", "pocketbook", "tablet") && !has("tablet pc*", "tabletpc*"):
		return DeviceTablet
	case has("iphone*", "iph*", "ipod*", "windows phone", "wpdesktop", "zunewp7", "iemobile*", "opera mini", "opera mobi", "lumia", "kaios"):
		return DeviceMobile
	case has("touch") && has("trident") && has("windows nt 6.2", "windows nt 6.3", "windows nt 10"):
		return DeviceTablet
	case android:
		return androidDevice(model, has)
	case has("blackberry*", "bb10", "symbian*", "symbos", "series40", "series60", "series 60", "s60", "nokia*", "palm*", "webos/*", "fennec", "maemo", "meego", "bada", "midp*", "cldc*", "up.browser", "up.link", "docomo", "foma", "j-phone",
		"windows ce", "sailfish", "sonyericsson*", "sony ericsson", "softbank", "kddi*", "vodafone/*", "ddipocket", "willcom", "jig browser", "maui", "wap*", "brew*", "rex", "openwave", "obigo*", "teleca*", "dolfin", "polaris", "mmp", "mib"):
		return DeviceMobile
	case has("puffin") && puffin(low) != "":
		return puffin(low)
	case has("miuibrowser", "ucweb*", "ucmini", "harmony", "tizen") && !has("windows*", "macintosh"):
		return DeviceMobile
	case has("mobile") && !has("windows nt", "macintosh", "x11"):
		return DeviceMobile
	case os == "iOS" || os == "watchOS":
		return DeviceMobile
	case os == "tvOS":
		return DeviceTV
	case has("cfnetwork") && has("x86_64", "i386", "macbook*", "imac*", "power*", "macmini*"):
		return DeviceDesktop
	case os != "" || has("windows*", "win95", "win98", "winnt", "win32", "win64", "win10", "macintosh", "mac", "mac os", "linux*", "x11", "cros", "freebsd", "openbsd", "netbsd", "sunos", "beos", "haiku", "amiga*", "os/2", "risc os", "solaris", "ibm webexplorer", "risc"):
		return DeviceDesktop
	case phoneMakers.get().MatchString(ua):
		return DeviceMobile
	}
	return ""
}

// androidDevice tells phones from tablets and televisions. Google's rule is
// that a phone says Mobile and a tablet doesn't. Some tablets say it all the
// same, and some phones don't: their model numbers give them away.
func androidDevice(model string, has func(...string) bool) string {
	switch {
	case tabletSeries.has(model):
		return DeviceTablet
	case phoneModel.has(model):
		return DeviceMobile
	case has("chromebook"):
		return DeviceDesktop
	case tabletModel.has(model), has("apad"):
		return DeviceTablet
	case has("mobile", "phone", "dalvik", "okhttp", "mobilesafari", "midp*", "iemobile") || !has("mozilla*", "opera", "silk"):
		return DeviceMobile
	case has("x11", "android-x86", "inspiron", "latitude", "aspire", "vostro", "travelmate", "thinkpad", "satellite", "cros"):
		return DeviceDesktop
	case has("baiduboxapp", "micromessenger", "nettype"), quietPhones.has(model):
		return DeviceMobile
	}
	return DeviceTablet
}

// puffin reads the letters that the browser Puffin, which asks from a server,
// ends its version with: AP and IP are phones, AT and IT tablets.
func puffin(low string) string {
	_, v, _ := strings.Cut(low, "puffin/")
	v, _, _ = strings.Cut(strings.TrimLeft(v, "0123456789."), " ")
	switch v {
	case "ap", "ip", "wp":
		return DeviceMobile
	case "at", "it":
		return DeviceTablet
	}
	return ""
}

func isTV(has func(...string) bool) bool {
	return has("smart-tv", "smarttv*", "smart tv", "smarthub", "appletv*", "apple tv", "googletv", "google tv", "gtv100", "android tv", "androidtv", "andr0id",
		"hbbtv", "hybridcast", "netcast*", "web0s", "webos.tv*", "webostv*", "lg browser", "netrange*", "opera tv*", "omi", "inettvbrowser", "viera", "bravia", "aquos-tv*", "aquostv*", "roku*", "crkey", "chromecast*",
		"philipstv", "nettv", "dtv*", "maple*", "espial", "sonydtv*", "sonybdp*", "boxee", "xbmc", "vidaa", "hisense-*tv", "titan os", "opentv*", "ce-html", "pov_tv*", "dlnadoc", "tsbnettv*", "tv", "_tv_*", "stb", "set-top", "settop*",
		"shield android tv", "mibox*", "mi box", "mitv*", "tv box", "tvbox", "tv bro", "dreambox", "puffintv", "large screen", "vstvb", "sraf", "antgalio", "cobalt/*", "starboard", "vizios", "tpapi", "ctv", "kdl-*", "vodafone_stb", "tbrowser", "brightsign", "netgem*", "freebox", "iptv*", "tivo*", "youview*", "ciscobrowser", "mr-device", "directfb") ||
		has("linux mips*") && has("presto", "opera") ||
		has("kodi") && !has("macintosh", "windows*", "x11")
}

// hasWord reports whether a text in lower case has a word: not as a part of
// another. A word ends where letters turn to digits, too: maple2012 has the
// word maple. One that ends in * may go on, sm-t* in sm-t510; one in the middle
// stands for anything but a blank.
func hasWord(low, word string) bool {
	word, open := strings.CutSuffix(word, "*")
	word, second, two := strings.Cut(word, "*")
	for from := 0; ; {
		i := strings.Index(low[from:], word)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		from = i + 1
		if i > 0 && isWord(low[i-1]) && isWord(word[0]) {
			continue
		}
		if two {
			rest, _, _ := strings.Cut(low[end:], " ")
			if strings.Contains(rest, second) {
				return true
			}
			continue
		}
		if open || end == len(low) || !isWord(low[end]) || !isWord(word[len(word)-1]) {
			return true
		}
		if isDigit(low[end]) && !isDigit(word[len(word)-1]) {
			return true
		}
	}
}

// pairOf is two bytes of a text as a number.
func pairOf(s string, i int) uint32 { return uint32(s[i]) | uint32(s[i+1])<<8 }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
