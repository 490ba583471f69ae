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
func device(ua, os string) string {
	low := asciiLower(ua)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(low, w) {
				return true
			}
		}
		return false
	}
	switch {
	case low == "":
		return ""
	case has("playstation", "xbox", "nintendo", "steam deck", "gamepad", "psp (", "ps vita", "ouya"):
		return DeviceConsole
	case has("tizen") && has("watch", "sm-r", "sm-l3"), has("android") && has("sm-r7", "sm-r8", "sm-r9", "sm-l3", "gear live", "moto 360", "watch"),
		has("oculusbrowser", "picobrowser", " vr safari", "wolvic"), has("wear os", "watch os", "watchos", "apple watch", "glass 1", "gear fit"):
		return DeviceWearable
	case has("tesla/", "qtcarbrowser", "carplay", "android automotive", "mbux"):
		return DeviceCar
	case has("crkey") && has("aarch64", "fuchsia"), has("smartdisplay", "echo show", "; aeo", "nest hub"):
		return DeviceSpeaker
	case isTV(has):
		return DeviceTV
	case has("ipad"), has("tablet") && !has("tablet pc", "tabletpc"), has("kindle", "silk/", "playbook", "nook", "kobo", "remarkable"), has("; kf") && has("android"):
		return DeviceTablet
	case has("iphone", "ipod", "windows phone", "wpdesktop", "iemobile", "blackberry", "bb10", "kaios", "opera mini", "opera mobi",
		"symbian", "series60", "series 60", "nokia", "palm", "webos/", "fennec", "maemo", "meego", "bada/", "midp", "cldc", "up.browser", "docomo", "j-phone", "windows ce", "sailfish", "sony ericsson", "sonyericsson"):
		return DeviceMobile
	case has("android"), os == "Android", os == "HarmonyOS", has("harmonyos", "openharmony"):
		// Google's rule: an Android phone says Mobile, a tablet does not. Some
		// tablets say it all the same; their model numbers give them away.
		if isTabletModel(low) {
			return DeviceTablet
		}
		if has("mobile", "phone", "dalvik", "okhttp") {
			return DeviceMobile
		}
		if has("x11", "android-x86", "chromebook", "inspiron", "latitude", "aspire", "vostro", "travelmate", "thinkpad") {
			return DeviceDesktop
		}
		return DeviceTablet
	case has("mobile") && !has("windows nt", "macintosh", "x11"):
		return DeviceMobile
	case os != "" || has("windows", "macintosh", "mac os", "linux", "x11", "cros", "bsd", "sunos", "beos", "haiku", "amiga", "os/2", "risc os", "solaris"):
		if os == "iOS" || os == "watchOS" {
			return DeviceMobile
		}
		if os == "tvOS" {
			return DeviceTV
		}
		return DeviceDesktop
	}
	return ""
}

func isTV(has func(...string) bool) bool {
	return has("smart-tv", "smarttv", "smart tv", "appletv", "apple tv", "googletv", "google tv", "android tv", "androidtv",
		"hbbtv", "netcast", "web0s", "webos.tv", "webostv", "netrange", "opera tv", "inettvbrowser", "viera", "bravia", "aquos", "roku", "crkey",
		"philipstv", "nettv", "dtv", "maple", "espial", "sonydtv", "boxee", "kodi", "xbmc", "vidaa", "hisense-tv", "titan os",
		"aft", "shield android tv", "mibox", "mi box", "mitv", "tv box", "tvbox", "-tv ", " tv ", "tv bro", "chromecast", " box ", " box)", "a95x", "x96", "mxq", "vontar", "mecool", "formuler", "-led", "dreambox", "puffintv", "large screen", "ce-html", "pov_tv", "dlnadoc", "tsbnettv", "tv/", "stb", "set-top")
}

// isTabletModel knows the common tablets whose browser says "Mobile".
func isTabletModel(low string) bool {
	for _, m := range [...]string{
		"sm-t", "sm-x", "sm-p", "gt-p", "sgh-i9", "galaxy tab", "pixel c", "pixel tablet", "nexus 7", "nexus 9", "nexus 10",
		"mediapad", "matepad", "lenovo tab", "lenovo tb", "; tb-", "; tb3", "; tb1", "yoga tab", "ideatab", "ideapad", "xoom",
		"xiaomi pad", "mi pad", "redmi pad", "; pad ", "oneplus pad", "oppo pad", "; opd2", "realme pad", "; rmp2", "honor pad",
		"transformer", "iconia", "; k0", "; p0", "; me1", "; me3", "lg-v", "archos 7", "archos 8", "archos 9", "archos 10", "tab ", "tab_", "tab-", "-tab",
		"bq-7", "bq-8", "bq-9", "bq-1", "bqru-7", "bqru-1", "; mid", "iplay", "teclast", "chuwi", "alldocube", "blackview tab", "doogee t", "nabi", "kftt", "hudl",
	} {
		if strings.Contains(low, m) {
			return true
		}
	}
	return false
}
