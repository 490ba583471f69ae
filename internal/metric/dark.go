package metric

import (
	"slices"
	"strings"
)

// darkNetworks are where a link goes that no public page shows: copied, by
// letter, by message, or by the device's own menu. Keys as in
// internal/enrich/sources.yaml, whose tests hold this list against it.
var darkNetworks = []string{
	"copy", "native", "email", "sms", "whatsapp", "telegram", "signal", "messenger", "imessage", "viber", "skype",
	"line", "wechat", "kakaotalk", "zalo", "threema", "slack", "discord", "teams", "matrix",
}

// DarkNetworks are the networks and ways of sharing that count as dark social.
func DarkNetworks() []string { return slices.Clone(darkNetworks) }

// Values of the dimension share:dark.
const (
	Private = "private"
	Public  = "public"
)

// dark is the list as SQL; darkOr says which side a network is on.
var dark = "('" + strings.Join(darkNetworks, "', '") + "')"

func darkOr(network string) string {
	return "multiIf(" + network + " = '', '', " + network + " IN " + dark + ", '" + Private + "', '" + Public + "')"
}
