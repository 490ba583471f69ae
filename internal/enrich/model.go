package enrich

import (
	"regexp/syntax"
	"strings"
	"sync"
)

// Models of Android devices, in lower case and with blanks for underlines, by
// the numbers and words that their makers give to one kind of device.

// deviceModel is the model of an Android agent, without language and build. The
// agent is in lower case.
func deviceModel(low string) string {
	at := androidModel(low)
	named := at[1] != 0
	if !named { // an old agent that keeps the system's name to itself
		at[0] = strings.IndexByte(low, '(') + 1
		at[1] = at[0] + max(strings.IndexByte(low[at[0]:], ')'), 0)
	}
	model := low[at[0]:at[1]]
	if named {
		model, _, _ = strings.Cut(model, " build/")
	}
	return strings.TrimSpace(strings.ReplaceAll(model, "_", " "))
}

// models are some devices' models, by expressions for lower case.
type models struct {
	once  sync.Once
	exprs []string
	index *filter
	res   []*lazyRegexp
}

func anyOf(exprs ...string) *models { return &models{exprs: exprs} }

// has reports whether a model is one of them.
func (m *models) has(model string) (found bool) {
	m.once.Do(m.compile)
	m.index.candidates(model, func(i int) bool {
		found = m.res[i].get().MatchString(model)
		return !found
	})
	return found
}

// compile makes one of those expressions that the filter can't tell apart: each
// is tried with every model.
func (m *models) compile() {
	var exprs, always []string
	for _, e := range m.exprs {
		if re, err := syntax.Parse(e, syntax.Perl); err != nil || atomsOf(re) == nil {
			always = append(always, e)
		} else {
			exprs = append(exprs, e)
		}
	}
	if len(always) > 0 {
		exprs = append(exprs, strings.Join(always, "|"))
	}
	var err error
	if m.index, m.res, err = compileLater(exprs); err != nil {
		panic(err) // a test compiles them all
	}
}

var consoleModel = anyOf(`\bshield(?: portable)?(?: build|$)`, `\bretroid\b`, `\banbernic\b`, `\bodin2?\b`, `\blogitech gr\d`, `\bfunc titan\b`, `\bgpd xd\b`, `\bjxd\b`)

var wearableModel = anyOf(`\bsm-r[789]\d\d`, `\bsm-l3\d\d`, `\bgear live\b`, `\bmoto 360\b`, `\bwatch(?:es)?\b`, `\bticwatch\b`, `watch\b`, `\bquest (?:[2-9]s?|pro)$`, `\bow\d\dw\d`, `\bstandalone hmd\b`, `\bpacific$`)

var carModel = anyOf(`\bautomotive\b`, `\bcarplay\b`, `\bcar(?:pad|box|tablet)\b`, `\bsda-\d`, `\broik\d`, `\bpx[356](?: |$)`, `\bts(?:9|10|18)(?: |$)`, `\bteyes\b`, `\bjoying\b`, `\buis\d{4}`, `\bsp7731e 1h10\b`)

var tvModel = anyOf(
	// What it is.
	`\btv(?:\b|\d|box)`, `tv\b`, `\bstb`, `[a-z0-9]box\b`, `\batv\d*\b`, `\b(?:q[mv]|tp[mn])\d{3}[ehn]\b`, `\bbox\b`, `\bott\b`, `\bstick\b`, `\bstreamer\b`, `\bdongle`, `\bdvb`, `dvb\b`, `dvb-?[ts]`, `\bshell\b`, `\bmedia ?(?:player|center|stick)\b`, `\bx-media\b`, `\bprojector\b`,
	`(?:^|[ -])[48]k\b`, `cinema4k`, `uhd`, `[a-z]led\b`, `\bled[ -]?\d`, `-led`, `q?led\d`,
	// The screen's size in inches, then the series.
	`(?:^|[^a-z0-9.]|[a-z]{2})(?:19|2[248]|32|39|4[02389]|5[058]|6[05]|7[057]|8[256]|98)-?[a-z]{1,5}[ -]?\d`,
	`[ -]?t2s?c?s?m\b`, `tc?-?sm\b`, `\bf?u?ts2c\b`, `\b[mt]le-\d\d`, `\bld-\d\dsr`, `\bvmp-?\d`, `\bpolar(?:line)?\b`, `\berisson\b`, `\bhartens\b`, `\bneko\b`, `\btopdevice\b`,
	// Boxes and sticks by their makers, models and chips.
	`\baft[a-z]{1,5}\d*\b`, `\byndx-`, `\bsbdv-`, `\bamlogic\b`, `\brk3\d{3}`, `\bs9(?:05|12|22|28)[xwdl]?\d?\b`, `\bx96`, `\bh96`, `\bt95`, `\ba95x`, `\bx88`, `\bm8s\b`, `\bmxq`, `\bmx(?:10|9)\b`, `\btx[2-9](?:s|pro|max|mini)?\b`, `\bhk1\b`, `\btox\d\b`, `\bkm\d{1,2}(?:pro)?\b`, `\bqbox`, `\btanix`, `\bgtking`, `\bbeelink`,
	`\bminix\b`, `\bzidoo\b`, `\binvin\b`, `\brombica\b`, `\biconbit (?:xds|movie|stick)`, `\bdune ?hd\b`, `\bmecool\b`, `\bvontar\b`, `\bugoos\b`, `\bformuler\b`, `\bmatricom\b`, `\bchromecast\b`, `\bnexbox`, `\btranspeed\b`, `\bperfeo pf\b`, `\bozone ?hd\b`, `\bandowl`, `\bpendoo`, `\bvorke\b`, `\borbsmart\b`, `\byundoo\b`, `\bdroidlogic\b`, `\bmk8\d\d`, `\bas4k`, `\bsei\d{3}`, `\bamigo\dx`, `\bswtv`, `\bgazal\b`, `\bvip\d{4}\b`, `\bbravia\b`, `\bpuls\b`,
)

// tabletSeries are tablets for certain, tabletModel those that nothing else is told of.
var tabletSeries = anyOf(
	// Samsung, Huawei and Honor (W is Wi-Fi), Xiaomi, Lenovo, Alcatel, Amazon.
	`\bsm-[tpx]\d`, `\bgt-p\d`, `\bgt-n(?:51|80)\d\d`, `\bsgh-(?:i957|i987|i497|t8[456]9)`, `\bsch-i[89][01][05]\b`, `\bshw-m(?:180|380|480|485|500)`, `\bshv-e(?:140|150|230)`, `\bsc-01[ce]\b`, `\bsph-p\d`, `\bek-gc\d`,
	`\b[a-z]{3,4}\d?-[wx]\d\d`, `\b(?:ags|agr|agrk|bah|kob|kobe|cmr|sht|btv|jdn|bzt|bg2|scmr|vrd|wgr|dby|krj|mrx|mon|jms|hey3|elnk?)\d?-`, `\bmediapad`, `\bs7-\d\d\d`, `\bt1[ -]?\d\d\d?[ul]`, `\b\d{4,5}rp\w+`, `\b\d{5}rp\d\d`,
	`\blenovo ?(?:tb|yt|b[68]\d{3}|a[1357]\d00|s[568]000|k1\b)`, `\btb-?[a-z]?\d{3}`, `\byt3?-`, `\byoga\b`, `\bideapad`, `\bxiaoxin\b`, `^ ?(?:8|9)\d{3}[a-z](?:\d| |$)`, `\bone ?touch (?:t10|evo7|tab)`, `\bkf[a-z]{2,6}(?: |$)`, `^ ?kf[a-z]`, `\bnokia t\d\d`, `\bbntv\d`, `\bshield tablet`,
)

var tabletModel = anyOf(
	`tab\b`, `\btab`, `[a-z]tab\d`, `\btablet`, `pad\b`, `\bpad`, `[a-z]pad\d`, `\btpc\b`, `\btpc\d`, `\bebook`,
	// Google, Asus, Acer, Sony, LG, HP, Motorola, Toshiba, Dell, HTC.
	`\bpixel (?:c|tablet)\b`, `\bnexus (?:7|9|10)\b`, `\bxoom\b`, `\bmz6\d\d`, `\btransformer\b`, `\btf[1-7]\d\d`, `\bme[1345]\d\d[a-z]*`, `\bp0[0-2][a-z0-9]{1,2}\b`, `\bk0[01]\w\b`, `\biconia\b`, `\bacer a[1-7]0[01]\b`, `\b[ab][13]-[a78]\d\d?`, `\b[ab]3-a\d`, `\bsgp\d{3}`, `\bso-0[35][a-g]\b`, `\bxperia (?:tablet|z[234]? tablet)`, `\blg-?v[4-9]\d\d`, `\blm-t\d`, `\bhp (?:slate|\d)`, `\bat[1-7]\d\d`, `\bthrive\b`, `\bstreak\b`, `\bvenue ?[78]`, `\bflyer\b`, `\bviewsonic`, `\bfolio\b`,
	// Makers that make few but tablets.
	`\barchos ?(?:access |core |oxygen )?(?:[789]\d|1\d\d)`, `\bpmt\d`, `\bpmp\d`, `\bnomi c1?0`, `\btz\d\d\d?\b`, `\birbis\b`, `\b[tsp]s\d{4}[pm][glr]`, `\bodys\b`, `\btrekstor\b`, `\bsurftab`, `\bventos\b`, `\bwintron\b`, `\blifetab`, `\bp(?:98|89|76)\w`, `\bchuwi\b`, `\bhi10\b`, `\bteclast\b`, `\balldocube\b`, `\biplay`, `\bonda v\d`, `\bainol\b`, `\bnovo ?\d`, `\bramos ?[ikw]\d`, `\bpipo\b`,
	`\bbq-?(?:7|8|9|1)\d{2,3}`, `\bbqru-[1789]`, `\baquaris (?:m8|m10|e10)`, `\bedison\b`, `\bmaxwell\b`, `\belcano\b`, `\bkurio`, `\bnabi`, `\bhudl`, `\bleap(?:frog|pad)`, `\bmid\b`, `\bmid\d`, `\brct\d`, `\bqtaq`, `\bverizon (?:ellipsis)`, `\bqmv\d`, `\bqtasun`, `\birulu`, `\bpolypad`, `\bdoogee [tu]\d`, `\bblackview tab`, `\boukitel (?:rt|ot)\d`, `\brt\d\b`, `\bhotwav r\d`, `\bfossibot dt`, `\bulefone tab`, `\bt(?:10|20|30|40|50)(?:h|p|hd|plus|ultra|mini)\b`, `\bmega \d\b`, `\bc0?7000`, `\btel-\d{4}`, `\bvitumi\b`, `\bmito t\d`, `\badvan (?:x7|t\d|e\d)`, `\breeder (?:m|a)\d+\w* (?:plus|go|blue)`, `\breadboy\b`, `\bmultipad`, `\bwalpad\b`, `\bmomo\d`, `\bcosmo communicator`, `\bgemini pda`, `\b(?:7|8|9|10)\.\d\b`, `\b(?:7|8|9|10)["'] `, `\bcelkon ct`, `\bfunbook`, `\bzenithink`, `\bgotab`, `\bvtab`, `\bcoby`, `\bopd2\d`, `\brmp2\d`,
)

// phoneModel are those whose agents don't always say Mobile.
var phoneModel = anyOf(
	`\bsm-[acefgjmnsz]\d`, `\bgt-[bis]\d`, `\bgt-n7\d`, `\bs[cp]h-[a-oq-z]\d`, `\bsgh-[a-z]\d`, `\bshv-e(?:1[26]|2[1-9]|3|4|5)`, `\bscg\d\d`, `\bsc-\d\d[a-z]\b`,
	`\bcph\d{4}`, `\brmx\d{4}`, `\bv[12]\d{3}[a-z]?\b`, `\bvivo\b`, `\bp[a-z]{3}\d0\b`, `\boppo\b`, `\bpixel \d`, `\bredmi (?:note|\d|k|[a-c]\d)`, `\bmi (?:\d|note|max|mix|a\d|cc)`, `\bm2\d{3}[a-k]`, `\bpoco\b`, `\bnokia`, `\bmoto ?(?:g|e|x|z|c)\b`, `\bxt\d{4}`, `\boneplus ?(?:a|\d|[a-z]{2}\d{4}|nord)`,
	`\bhtc (?:one|desire|sensation|wildfire|incredible|u)`, `\bxperia (?:[xzl]\d?|\d)\b`, `\blg-[adefhklmnpq]s?\d`, `\blm-[fgkqvx]\d`, `\bgalaxy (?:s|a|j|m|note|z|nexus|ace)`, `\bnexus (?:4|5|6|one|s)`, `\bnexus [56][xp]`, `\bsmartphone`, `phone\b`, `\bstv100`, `\bletv x`, `\bultra s2\d\b`, `\bdoro \d`, `\bcubot\b`,
)

// quietPhones are phones where their agent has no Mobile, and may be tablets
// where it has.
var quietPhones = anyOf(`\b[a-z]{3,4}-(?:[actu]l|[at]n|[ln]x|l)\d`, `\bsensation`, `\bzte\b`, `\btecno\b`, `\binfinix\b`, `\balcatel\b`, `\bcoolpad`, `\bmeizu\b`, `\bqmobile\b`, `\bsymphony\b`, `\bmicromax\b`, `\bhtc\b`, `\b[a-z]{0,2}phone`)
