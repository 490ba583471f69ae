package chart

import (
	"slices"
	"strconv"
	"strings"

	"github.com/earshot-analytics/earshot/internal/rows"
)

// networks lists the networks that have a colour of their own, the custom
// property --net-<key> of web/static/css/dashboard-colours.css.
func networks() []string {
	return []string{
		"bluesky", "copy", "discord", "email", "facebook", "ghost", "github", "hackernews", "instagram", "line",
		"linkedin", "listmonk", "mailchimp", "mastodon", "native", "newsletter", "pinterest", "reddit", "rss",
		"telegram", "threads", "tiktok", "tumblr", "twitch", "vk", "whatsapp", "x", "youtube",
	}
}

// networkDims are the dimensions whose values are network keys; programs that
// were left out are those among them that fetch link previews.
func networkDims() []string {
	return []string{"share:network", "visit:share_network", "account:network", "left_out:agent"}
}

const palette = 8 // --series-1 … --series-8

// seriesColor is the colour of the i-th series: its network's own where the
// series are networks that have one.
func seriesColor(dimension string, value any, i int) string {
	if name, ok := rows.Text(value); ok && (dimension == "study:subject" || dimension == "study:series") {
		// Studies write names as people do, and of their time.
		dimension, value = "share:network", strings.Replace(strings.ToLower(name), "twitter", "x", 1)
	}
	if key, ok := rows.Text(value); ok && slices.Contains(networkDims(), dimension) && slices.Contains(networks(), key) {
		return css("net-" + key)
	}
	return css("series-" + strconv.Itoa(i%palette+1))
}
