package imports

import (
	"slices"
	"strings"
	"unicode"

	"github.com/earshot-analytics/earshot/internal/meta"
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
	titles []string // as plain writes them
}

var ownHeadings = []heading{
	{"date", []string{"date", "datum", "jour", "tag", "day"}},
	{"network", []string{"network", "réseau", "reseau", "réseau social", "netzwerk", "platform", "plateforme", "plattform"}},
	{"account", []string{"account", "account username", "compte", "nom d utilisateur du compte", "nom d utilisateur", "konto", "nutzername des kontos", "benutzername des kontos", "konto benutzername", "kontobenutzername", "konto nutzername"}},
}

var headingsOf = map[string][]heading{
	meta.ImportFollowers: {
		{"followers", []string{"followers", "follower", "followers count", "follower count", "number of followers", "nombre d abonnés", "anzahl follower", "anzahl der follower", "abonnés", "abonnenten", "subscribers"}},
		{"following", []string{"following", "abonnements", "gefolgt", "folge ich"}},
		{"posts", []string{"posts", "publications", "beiträge"}},
	},
	meta.ImportPosts: {
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

// totals are what the line of a file's sums is called.
var totals = []string{"total", "totals", "totaux", "somme", "gesamt", "summe", "insgesamt", "grand total", "total général", "gesamtsumme"}

// primaryTitles are what Meta calls the column of a file's one figure, in the
// files that were seen always the first.
var primaryTitles = []string{"primary", "primär", "primaire", "principal", "principale"}

// plain is a title in small letters with a space between its words.
func plain(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(visible(title)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// visible is text without characters that nobody sees, such as the soft hyphens
// in YouTube's German titles.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\u00ad' || unicode.Is(unicode.Cf, r) && r != '\u200d' {
			return -1
		}
		return r
	}, text)
}

// recognise finds our columns of a kind under the names that the file gives
// them.
func (t *table) recognise(kind string) {
	if len(t.place) == 0 {
		return
	}
	for _, h := range append(slices.Clone(ownHeadings), headingsOf[kind]...) {
		if h.name == "followers" && !t.ownForm() {
			h.titles = h.titles[:7] // subscribers of YouTube's files are those that came
		}
		t.find(h)
	}
	switch kind {
	case meta.ImportPosts:
		t.recognisePosts()
	case meta.ImportFollowers:
		if !t.has("followers") && t.titled("total followers") && !t.gained() {
			t.find(heading{"followers", []string{"total followers"}})
		}
	}
	t.owner()
}

// find gives a heading's column its name.
func (t *table) find(h heading) {
	if _, ok := t.place[h.name]; ok {
		return
	}
	for _, title := range h.titles {
		if i := slices.IndexFunc(t.plain, func(p string) bool { return p == title }); i >= 0 {
			t.place[h.name] = i
			t.twice[h.name] = slices.Index(t.plain[i+1:], title) >= 0
			return
		}
	}
}

// titled says that a column has that title.
func (t *table) titled(titles ...string) bool {
	return slices.ContainsFunc(titles, func(title string) bool { return slices.Contains(t.plain, title) })
}

// ownForm says that the file names networks and accounts, as ours do.
func (t *table) ownForm() bool {
	_, network := t.place["network"]
	_, account := t.place["account"]
	return network && account
}

// gained says that "Total followers" are those who came that day: LinkedIn's
// file of new followers has them beside the organic ones.
func (t *table) gained() bool {
	return t.titled("organic followers", "abonnés organiques", "organische follower") && !t.titled("new followers", "nouveaux abonnés", "neue follower")
}

func (t *table) recognisePosts() {
	if _, known := t.place["published"]; !known {
		t.find(heading{"published", []string{"time", "heure", "zeit"}}) // X's, before 2024
	} else if t.titled("video link", "lien de la vidéo", "lien vers la vidéo", "videolink", "link zum video") {
		t.find(heading{"date", []string{"time", "heure", "zeit"}}) // TikTok's: when it was saved
	}
	if t.youtube() {
		t.find(heading{"post", []string{"content", "contenu", "videos", "inhalte", "inhalt", "vidéos", "video"}})
	}
	if _, dated := t.place["published"]; !dated {
		return
	}
	if i, ok := t.place["date"]; ok && t.content() { // Meta's says "Lifetime", or has a line for each day
		delete(t.place, "date")
		t.apart = append(t.apart, i)
	}
	if t.content() {
		t.zone = pacific
		if t.titled("publish time") {
			t.order = MonthFirst // as all that were seen
		}
	}
}

// content says that the file is one of Meta's content.
func (t *table) content() bool {
	return t.has("post") && t.has("published") && t.titled("publish time", "heure de publication", "veröffentlichungszeit", "veröffentlichungszeitpunkt", "veröffentlicht am")
}

// youtube says that the file is one of YouTube's of videos.
func (t *table) youtube() bool {
	return t.titled("video publish time", "heure de publication de la vidéo", "veröffentlichungszeitpunkt des videos")
}

// owner finds the network, and the account where it is told, that the whole file
// is about, where no column names them.
func (t *table) owner() {
	networks, accounts := map[string]bool{}, map[string]bool{}
	if _, ok := t.place["url"]; ok {
		for _, r := range t.records {
			host, path := hostAndPath(t.cell(r, "url"))
			if network := networkOf[host]; network != "" {
				networks[network] = true
				name, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
				if name != "" && name != "i" && (network == "x" || network == "tiktok") {
					accounts[strings.ToLower(strings.TrimPrefix(name, "@"))] = true
				}
			}
		}
	}
	switch {
	case t.youtube():
		t.auto("network", "youtube")
	case t.titled("difference in followers from previous day"), t.titled("video views") && t.titled("profile views"):
		t.auto("network", "tiktok")
	case t.gained():
		t.auto("network", "linkedin")
	}
	if len(networks) == 1 {
		for network := range networks {
			t.auto("network", network)
		}
	}
	if len(accounts) == 1 {
		for account := range accounts {
			t.auto("account", account)
		}
	}
}

// networkOf are networks by the hosts of their posts' addresses.
var networkOf = map[string]string{
	"instagram.com": "instagram", "facebook.com": "facebook", "x.com": "x", "twitter.com": "x", "linkedin.com": "linkedin", "tiktok.com": "tiktok",
	"youtube.com": "youtube", "youtu.be": "youtube", "threads.net": "threads", "threads.com": "threads", "pinterest.com": "pinterest", "bsky.app": "bluesky",
}

// kind tells by its columns what a file holds.
func (t *table) kind() string {
	is := func(kind string, names ...string) bool {
		return slices.ContainsFunc(headingsOf[kind], func(h heading) bool {
			return slices.Contains(names, h.name) && t.titled(h.titles...)
		})
	}
	dated := slices.ContainsFunc(ownHeadings[0].titles, func(title string) bool { return t.titled(title) })
	switch {
	case t.titled("page") && t.ownForm():
		return meta.ImportPosts
	case t.youtube():
		if dated {
			return meta.ImportInsights // its days
		}
		return meta.ImportPosts
	case is(meta.ImportPosts, "post", "published"):
		return meta.ImportPosts
	case t.titled(headingsOf[meta.ImportFollowers][0].titles[:7]...), t.ownForm() && is(meta.ImportFollowers, "followers"):
		return meta.ImportFollowers
	case t.titled("total followers") && !t.gained():
		return meta.ImportFollowers
	case t.has("insight") && t.has("value"), slices.ContainsFunc(t.columns, knownInsight), t.hasPrimary(), t.gained():
		return meta.ImportInsights
	}
	return meta.ImportFollowers
}

// hasPrimary says that the file has one figure, which a line above the columns
// names: Meta calls the figure's own column "Primary".
func (t *table) hasPrimary() bool { return t.title != "" && t.titled(primaryTitles...) }

// total says that a line is one of the sums of others.
func (t *table) total(r record, dates []string) bool {
	is := func(cell string) bool {
		return len(cell) < 40 && !isDigit(cell[0]) && slices.Contains(totals, plain(cell))
	}
	for _, cell := range r.cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if !is(cell) {
			return false
		}
		break
	}
	return !slices.ContainsFunc(dates, func(column string) bool { cell := t.cell(r, column); return cell != "" && !is(cell) })
}
