package enrich

import (
	"path"
	"slices"
	"strings"
)

// Names of the events that a click on a link is, as Plausible calls them.
const (
	OutboundLink = "Outbound Link: Click"
	FileDownload = "File Download"
)

// downloads are the endings of files that a reader takes along.
var downloads = strings.Fields(`7z avi csv dmg doc docx epub exe gz key midi mov mp3 mp4 mpeg odp ods odt pdf
	pkg pps ppt pptx rar rtf tar txt wav wma wmv xls xlsx zip`)

// Click names what a click on link is, seen on page; both are addresses with
// their hosts. It is empty where the link leads to another page of the site.
func Click(page, link string) string {
	to, err := parseURL(link)
	if err != nil || to.Host == "" {
		return ""
	}
	if from, err := parseURL(page); err != nil || !strings.EqualFold(from.Host, to.Host) {
		return OutboundLink
	}
	if slices.Contains(downloads, strings.TrimPrefix(strings.ToLower(path.Ext(to.Path)), ".")) {
		return FileDownload
	}
	return ""
}
