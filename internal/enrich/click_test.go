package enrich

import "testing"

func TestClick(t *testing.T) {
	const page = "https://blog.example:8443/post?x=1#part"
	for link, want := range map[string]string{
		"https://other.example/path?x=1":                OutboundLink,
		"https://other.example/report.pdf":              OutboundLink,
		"https://blog.example/":                         OutboundLink, // another port is another host
		"https://blog.example:8443/files/r.pdf?v=2#p=3": FileDownload,
		"https://BLOG.example:8443/ALL.ZIP":             FileDownload,
		"https://blog.example:8443/a.tar.gz":            FileDownload,
		"https://blog.example:8443/%e4%f6.docx":         FileDownload,
		"https://blog.example:8443/100%.mp3":            FileDownload,
		"https://blog.example:8443/other":               "",
		"https://blog.example:8443/other.html":          "",
		"https://blog.example:8443/v1.2":                "",
		"https://blog.example:8443/?file=report.pdf":    "",
		"https://blog.example:8443/folder.zip/":         "",
		"mailto:me@blog.example":                        "",
		"tel:+15551234":                                 "",
		"/report.pdf":                                   "",
		"":                                              "",
	} {
		if got := Click(page, link); got != want {
			t.Errorf("a click on %s is %q, want %q", link, got, want)
		}
	}
}
