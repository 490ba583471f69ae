package enrich

import "strings"

// Channels, with the names that Plausible and Google Analytics 4 give them.
// Shares is ours: visits through a followed share, whatever else the URL says.
const (
	ChannelDirect          = "Direct"
	ChannelShares          = "Shares"
	ChannelCrossNetwork    = "Cross-network"
	ChannelPaidShopping    = "Paid Shopping"
	ChannelPaidSearch      = "Paid Search"
	ChannelPaidSocial      = "Paid Social"
	ChannelPaidVideo       = "Paid Video"
	ChannelPaidOther       = "Paid Other"
	ChannelDisplay         = "Display"
	ChannelOrganicShopping = "Organic Shopping"
	ChannelOrganicSocial   = "Organic Social"
	ChannelOrganicVideo    = "Organic Video"
	ChannelOrganicSearch   = "Organic Search"
	ChannelAI              = "AI Assistants"
	ChannelEmail           = "Email"
	ChannelAffiliates      = "Affiliates"
	ChannelAudio           = "Audio"
	ChannelSMS             = "SMS"
	ChannelPush            = "Mobile Push Notifications"
	ChannelReferral        = "Referral"
)

// channelFacts is what a channel is made of; source, medium and campaign are
// the UTM fields in lower case.
type channelFacts struct {
	kind                     kind
	known                    bool // there is a source
	viaShare                 bool
	paid                     bool // the source's name or its host says so
	click                    bool // the source's click ID says so
	source, medium, campaign string
}

// channel applies Google Analytics 4's default channel rules as Plausible
// does, in their order, with these changes: a share comes first; a medium that
// names a channel goes before a click ID; cpm is Display but on a network, a
// video or a shopping site; an assistant or a mailbox is one before it is a
// search engine; what ad servers send is Display; and Channels are told by what
// the source is, never by a part of its name.
func (f channelFacts) channel() string {
	paidMedium := strings.Contains(f.medium, "cp") || f.medium == "ppc" ||
		f.medium == "retargeting" || strings.HasPrefix(f.medium, "paid")
	paid := paidMedium || f.paid || f.click && !f.unpaidMedium()
	shopping := f.kind == kindShopping || shoppingCampaign(f.campaign)
	switch {
	case f.viaShare:
		return ChannelShares
	case strings.Contains(f.campaign, "cross-network"):
		return ChannelCrossNetwork
	case isOneOf(f.medium, "display", "banner", "expandable", "interstitial"),
		f.medium == "cpm" && !shopping && f.kind != kindSocial && f.kind != kindVideo,
		f.medium == "" && f.kind == kindAds:
		return ChannelDisplay
	case shopping && paid:
		return ChannelPaidShopping
	case f.kind == kindSearch && paid:
		return ChannelPaidSearch
	case f.kind == kindSocial && paid:
		return ChannelPaidSocial
	case f.kind == kindVideo && paid:
		return ChannelPaidVideo
	case paid:
		return ChannelPaidOther
	case shopping:
		return ChannelOrganicShopping
	case f.kind == kindAI || saysAI(f.medium):
		return ChannelAI
	case f.kind == kindSocial || saysSocial(f.medium):
		return ChannelOrganicSocial
	case f.kind == kindVideo || strings.Contains(f.medium, "video"):
		return ChannelOrganicVideo
	case f.kind == kindEmail || saysMail(f.source) || saysMail(f.medium):
		return ChannelEmail
	case f.kind == kindSearch:
		return ChannelOrganicSearch
	case isOneOf(f.medium, "affiliate", "affiliates"):
		return ChannelAffiliates
	case f.medium == "audio":
		return ChannelAudio
	case f.source == "sms" || f.medium == "sms":
		return ChannelSMS
	case strings.HasSuffix(f.medium, "push") || strings.Contains(f.medium, "mobile") ||
		strings.Contains(f.medium, "notification") || f.source == "firebase":
		return ChannelPush
	case f.known || isOneOf(f.medium, "referral", "app", "link"):
		return ChannelReferral
	}
	return ChannelDirect
}

// unpaidMedium holds for a medium that says by itself that nobody paid.
func (f channelFacts) unpaidMedium() bool {
	return f.medium == "organic" || saysAI(f.medium) || saysSocial(f.medium) || saysMail(f.medium) || strings.Contains(f.medium, "video")
}

// defaultMedium is the medium of a visit whose URL names none, in Google
// Analytics' words; "" is a direct visit.
func (f channelFacts) defaultMedium() string {
	switch {
	case f.viaShare:
		return "share"
	case f.paid || f.click:
		return "cpc"
	}
	switch f.kind {
	case kindSearch:
		return "organic"
	case kindSocial:
		return "social"
	case kindVideo:
		return "video"
	case kindEmail:
		return "email"
	case kindAI:
		return "ai-assistant"
	}
	if f.known {
		return "referral"
	}
	return ""
}

func isOneOf(s string, words ...string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

func saysAI(s string) bool { return isOneOf(s, "ai-assistant", "ai") }

func saysSocial(s string) bool {
	return isOneOf(s, "social", "social-network", "social-media", "sm", "social network", "social media")
}

func saysMail(s string) bool {
	for _, w := range [...]string{"email", "e-mail", "e_mail", "e mail", "newsletter"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// shoppingCampaign is GA4's rule: "shopping" anywhere, or "shop" not after a
// letter other than e ("eshop" is one, "bishop" is not).
func shoppingCampaign(s string) bool {
	if strings.Contains(s, "shopping") {
		return true
	}
	for from := 0; ; {
		i := strings.Index(s[from:], "shop")
		if i < 0 {
			return false
		}
		i += from
		if i == 0 || s[i-1] == 'e' || s[i-1] < 'a' || s[i-1] > 'z' {
			return true
		}
		from = i + 4
	}
}
