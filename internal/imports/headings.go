package imports

import (
	"slices"
	"strings"
	"unicode"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/metric"
)

// Headings of networks' own files, in English, French and German, as public
// programs that read such files have them (looked up in November 2026: X of
// before and after 2024, Meta's content in English and French, TikTok's
// Overview, FollowerHistory and Content, YouTube's Table, Chart and Totals in
// all three languages, LinkedIn's in English). From memory are the German ones
// of Meta and TikTok, and the French and German ones of LinkedIn and X; a title
// that isn't here is an error that names it, never a figure in silence.

// heading is a column of ours and what files call it, the best first.
type heading struct {
	name   string
	titles []string // as plainTitle writes them
}

var ownHeadings = []heading{
	{"date", []string{"date", "datum", "jour", "tag", "day"}},
	{"network", []string{"network", "réseau", "reseau", "réseau social", "netzwerk", "platform", "plateforme", "plattform"}},
	{"account", []string{"account", "account username", "compte", "nom d utilisateur du compte", "nom d utilisateur", "konto", "nutzername des kontos", "benutzername des kontos", "konto benutzername", "kontobenutzername", "konto nutzername"}},
}

var headingsOf = map[string][]heading{
	event.Followers.Name: {
		{"followers", []string{"followers", "follower", "followers count", "follower count", "number of followers", "nombre d abonnés", "anzahl follower", "anzahl der follower", "abonnés", "abonnenten", "subscribers"}},
		{"following", []string{"following", "abonnements", "gefolgt", "folge ich"}},
		{"posts", []string{"posts", "publications", "beiträge"}},
	},
	event.Posts.Name: {
		{"post", []string{"post", "post id", "tweet id", "identifiant de la publication", "id de la publication", "id de publication", "id du post", "beitrags id", "beitrag id", "beitragskennung", "kennung des beitrags", "video id"}},
		{"published", []string{"published", "publish time", "published at", "post time", "video publish time", "created date", "posted date", "date posted", "publish date", "publication date",
			"heure de publication", "date de publication", "heure de publication de la vidéo", "date de création", "publié le",
			"veröffentlichungszeit", "veröffentlichungszeitpunkt", "veröffentlichungszeitpunkt des videos", "veröffentlichungsdatum", "veröffentlicht am", "erstellungsdatum", "erstellt am"}},
		{"url", []string{"url", "permalink", "post link", "tweet permalink", "update link", "video link", "permalien", "lien permanent", "lien de la publication", "lien vers la publication", "lien de la vidéo", "lien vers la vidéo", "link zum beitrag", "beitragslink", "videolink", "link zum video"}},
		{"text", []string{"text", "post text", "tweet text", "description", "texte", "texte du post", "texte de la publication", "légende", "caption", "beschreibung", "beitragstext"}},
		{"title", []string{"title", "post title", "video title", "update title", "titre", "titre de la publication", "titre de la vidéo", "titel", "beitragstitel", "titel des beitrags", "videotitel"}},
		{"likes", []string{"likes", "total likes", "favorites", "reactions", "reactions total", "j aime", "mentions j aime", "nombre total de j aime", "réactions", "gefällt mir angaben", "gefällt mir", "reaktionen", "mag ich bewertungen", "mag ich"}},
		{"comments", []string{"comments", "total comments", "comments added", "replies", "commentaires", "commentaires ajoutés", "nombre total de commentaires", "réponses", "kommentare", "hinzugefügte kommentare", "antworten"}},
		{"reposts", []string{"reposts", "retweets", "republications", "shares", "total shares", "partages", "nombre total de partages", "geteilte inhalte", "geteilte beiträge", "geteilt", "mal geteilt", "teilungen"}},
		{"views", []string{"views", "total views", "vues", "nombre total de vues", "aufrufe", "impressions", "impressionen"}},
	},
}

// totalTitles are what the line of a file's sums is called.
var totalTitles = []string{"total", "totals", "totaux", "somme", "gesamt", "summe", "insgesamt", "grand total", "total général", "gesamtsumme"}

// primaryTitles are what Meta calls the column of a file's one figure, in the
// files that were seen always the first.
var primaryTitles = []string{"primary", "primär", "primaire", "principal", "principale"}

// networkOf are networks by the hosts of their posts' addresses.
var networkOf = map[string]string{
	"instagram.com": "instagram", "facebook.com": "facebook", "x.com": "x", "twitter.com": "x", "linkedin.com": "linkedin", "tiktok.com": "tiktok",
	"youtube.com": "youtube", "youtu.be": "youtube", "threads.net": "threads", "threads.com": "threads", "pinterest.com": "pinterest", "bsky.app": "bluesky",
}

// plainTitle is a title in small letters with a space between its words.
func plainTitle(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(visibleText(title)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// visibleText is text without characters that nobody sees, such as the soft hyphens
// in YouTube's German titles.
func visibleText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u00ad' || unicode.Is(unicode.Cf, r) && r != '\u200d' {
			return -1
		}
		return r
	}, text)
}

// knownInsight says that a column's title is one of a figure that many networks
// have.
func knownInsight(title string) bool {
	name := metric.InsightNamed(title)
	return slices.ContainsFunc(metric.KnownInsights(), func(k metric.KnownInsight) bool { return k.Name == name })
}
