package metric

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Figures that networks' own statistics give of an account, day by day: how
// many it reached, how often its posts were shown. They come from files; what
// they are called is the file's choice, so that any series can be kept.

// KnownInsight is a figure that many networks have.
type KnownInsight struct {
	Name  string // as event.Insight has it
	Title text.Text
	Also  []string // other titles that networks' files give it
	// AddsUp holds where a day's figure is the sum of its parts'.
	AddsUp bool
}

// KnownInsights are those that a panel can name. Files may hold others, which
// are called as the file calls them.
func KnownInsights() []KnownInsight {
	return []KnownInsight{
		{Name: "impressions", Title: text.Text{EN: "Impressions", FR: "Impressions"}, AddsUp: true, Also: []string{"Impressionen"}},
		{Name: "reach", Title: text.Text{EN: "Reach", FR: "Portée"}, Also: []string{"Viewers", "Accounts reached", "Couverture", "Reichweite", "Erreichte Konten", "Comptes touchés", "Comptes atteints"}},
		{Name: "views", Title: text.Text{EN: "Views", FR: "Vues"}, AddsUp: true, Also: []string{"Aufrufe"}},
		{Name: "video_views", Title: text.Text{EN: "Video views", FR: "Vues de vidéos"}, AddsUp: true, Also: []string{"Vues de la vidéo", "Vues des vidéos", "Videoaufrufe"}},
		{Name: "profile_visits", Title: text.Text{EN: "Profile visits", FR: "Visites du profil"}, AddsUp: true, Also: []string{"Visits", "Profile views", "Page visits", "Visites", "Visites de la Page", "Vues du profil", "Vues de profil", "Besuche", "Profilbesuche", "Profilaufrufe", "Seitenbesuche"}},
		{Name: "link_clicks", Title: text.Text{EN: "Link clicks", FR: "Clics sur des liens"}, AddsUp: true, Also: []string{"URL clicks", "Website clicks", "Outbound clicks", "Clics sur un lien", "Clics sur le lien", "Clics sur les liens", "Linkklicks", "Klicks auf Links", "Klicks auf Link"}},
		{Name: "engagements", Title: text.Text{EN: "Engagements", FR: "Interactions"}, AddsUp: true, Also: []string{"Content interactions", "Interactions avec le contenu", "Interaktionen", "Content-Interaktionen", "Interaktionen mit Inhalten"}},
		{Name: "likes", Title: text.Text{EN: "Likes", FR: "Mentions J’aime"}, AddsUp: true, Also: []string{"Favorites", "J’aime", "Reactions", "Réactions", "Reaktionen", "Gefällt mir", "„Gefällt mir“-Angaben", "„Mag ich“-Bewertungen"}},
		{Name: "comments", Title: text.Text{EN: "Comments", FR: "Commentaires"}, AddsUp: true, Also: []string{"Replies", "Comments added", "Réponses", "Commentaires ajoutés", "Kommentare", "Antworten", "Hinzugefügte Kommentare"}},
		{Name: "reposts", Title: text.Text{EN: "Reposts", FR: "Republications"}, AddsUp: true, Also: []string{"Retweets"}},
		{Name: "bookmarks", Title: text.Text{EN: "Bookmarks", FR: "Enregistrements"}, AddsUp: true, Also: []string{"Saves", "Gespeichert", "Lesezeichen", "Signets"}},
		{Name: "new_follows", Title: text.Text{EN: "New follows", FR: "Nouveaux abonnements"}, AddsUp: true, Also: []string{"Follows", "New followers", "Nouveaux abonnés", "Nouveaux followers", "Neue Follower"}},
		{Name: "unfollows", Title: text.Text{EN: "Unfollows", FR: "Désabonnements"}, AddsUp: true, Also: []string{"Entfolgt", "Nicht mehr gefolgt"}},
	}
}

// InsightNamed is the name of the insight that a file calls by title: a known
// one's, or the title's words in small letters; "" where it has none. "(total)"
// behind a title says nothing, nor does the network where the rest is known:
// "Facebook link clicks" are link clicks.
func InsightNamed(title string) string {
	title = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // soft hyphens
			return -1
		}
		return unicode.ToLower(r)
	}, title)
	for _, all := range []string{"(total)", "(totals)", "(au total)", "(gesamt)", "(insgesamt)"} {
		title = strings.TrimSuffix(strings.TrimSpace(title), all)
	}
	name := words(title, "_")
	if known := knownInsight(name); known != "" {
		return known
	}
	parts := strings.Split(name, "_")
	for len(parts) > 1 && slices.Contains(networkWords, parts[0]) {
		parts = parts[1:]
	}
	for len(parts) > 1 && slices.Contains(networkWords, parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if known := knownInsight(strings.Join(parts, "_")); known != "" {
		return known
	}
	return name
}

// networkWords stand before or behind the name of a figure in titles of Meta's.
var networkWords = []string{"facebook", "instagram", "total", "on", "sur", "de", "auf", "von", "bei", "à"}

func knownInsight(name string) string { return knownInsights()[name] }

// knownInsights are the names of known figures by all that they are called.
var knownInsights = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, k := range KnownInsights() {
		for _, known := range append([]string{k.Name, k.Title.EN, k.Title.FR}, k.Also...) {
			if name := words(known, "_"); all[name] == "" {
				all[name] = k.Name // the first has it
			}
		}
	}
	return all
})

// InsightAddsUp says that the figure of a day is the sum of its parts', such as
// those of single posts or countries. People who are counted once, rates, means
// and ranks have no sum.
func InsightAddsUp(name string) bool {
	for _, k := range KnownInsights() {
		if k.Name == name {
			return k.AddsUp
		}
	}
	parts := strings.Split(name, "_")
	for _, word := range []string{"unique", "reach", "viewers", "visitors", "rate", "average", "avg", "percentage", "percent", "ctr", "cpm", "rpm", "cpc", "frequency", "position", "rank", "duration", "per", "age",
		"moyen", "moyenne", "taux", "pourcentage", "durée", "uniques", "couverture", "rang", "durchschnittliche", "durchschnittlich", "dauer", "quote", "prozent", "reichweite", "einzelne", "zuschauer"} {
		if slices.Contains(parts, word) {
			return false
		}
	}
	for _, word := range []string{"impressions", "views", "clicks", "likes", "shares", "comments", "subscribers", "revenue", "hours", "minutes", "seconds", "follows", "followers", "saves", "plays", "posts", "added", "gained", "lost", "sales", "conversions", "engagements", "replies", "reactions", "reposts", "visits",
		"vues", "clics", "partages", "abonnés", "heures", "revenus", "aufrufe", "klicks", "abonnenten", "stunden", "umsatz", "impressionen", "geteilt", "dislikes", "downloads", "streams", "listens"} {
		if slices.Contains(parts, word) {
			return true
		}
	}
	return false
}

// InsightTitle is what people call an insight.
func InsightTitle(name string) text.Text {
	for _, k := range KnownInsights() {
		if k.Name == name {
			return k.Title
		}
	}
	title := []rune(words(name, " "))
	if len(title) > 0 {
		title[0] = unicode.ToUpper(title[0])
	}
	return text.Text{EN: string(title), FR: string(title)}
}

func words(s, between string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), between)
}

// insightFacts are the days that have a figure.
var insightFacts = Facts{
	Entry: event.Insights.About(), Awaits: AwaitsInsights,
	parts: insightParts, metrics: insightMetrics, dimensions: insightDimensions,
}

// What is added up is one figure: reach and clicks together are nothing.
const oneInsight = "uniqExact(insight) = 1"

var insightParts = []Part{
	{Name: "insight_sum", SQL: "if(" + oneInsight + ", sum(value), NULL)"},
	// The mean of each account, then their sum: days that one of them lacks
	// make it no smaller.
	{Name: "insight_mean", SQL: "if(" + oneInsight + ", arraySum(mapValues(avgMap(map(concat(network, '/', account), value)))), NULL)"},
	{Name: "insight_dates", SQL: "toInt64(uniqExact(day))"},
}

var insightMetrics = []Metric{
	{
		Name: "insight_total", Title: text.Text{EN: "Total", FR: "Total"}, Unit: Ratio, Empty: Unknown,
		Doc: text.Text{
			EN: "Sum over the days of a figure that the networks’ own statistics give of an account, such as impressions or link clicks; from imported files. Figures of different kinds have no sum, so it needs insight:name as a dimension or a filter. Of reach it says more than the number of people, who are counted once each day.",
			FR: "Somme sur les jours d’un chiffre que les statistiques du réseau donnent d’un compte, comme les impressions ou les clics ; depuis des fichiers importés. Des chiffres de nature différente n’ont pas de somme : il faut insight:name comme dimension ou comme filtre. Pour la portée, c’est plus que le nombre de personnes, comptées une fois par jour.",
		},
		Formula: "sum over days", Source: toldByNetworks,
		Parts: []string{"insight_sum"}, SQL: "round(p.insight_sum, 2)",
	},
	{
		Name: "insight_per_day", Title: text.Text{EN: "On an average day", FR: "Un jour moyen"}, Unit: Ratio, Empty: Unknown,
		Doc: text.Text{
			EN: "The same figure on an average day that has one: fit for reach and rates too, and for periods with gaps. Of several accounts, the sum of their means.",
			FR: "Le même chiffre un jour moyen qui en a un : convient aussi à la portée, aux taux, et aux périodes à trous. Pour plusieurs comptes, la somme de leurs moyennes.",
		},
		Formula: "sum over accounts of (sum over days ÷ days with a figure)", Source: toldByNetworks,
		Parts: []string{"insight_mean"}, SQL: "round(p.insight_mean, 2)",
	},
	{
		Name: "insight_days", Title: text.Text{EN: "Days with a figure", FR: "Jours connus"}, Unit: Count, Empty: Unknown, NoChange: true,
		Doc: text.Text{
			EN: "Days of the period for which a file has a figure; the others are unknown.",
			FR: "Jours de la période pour lesquels un fichier a un chiffre ; les autres sont inconnus.",
		},
		Formula: "days with a figure", Source: toldByNetworks,
		Parts: []string{"insight_dates"}, SQL: "nullIf(p.insight_dates, 0)",
	},
}

// InsightName is the dimension that tells figures of different kinds apart.
const InsightName = "insight:name"

var insightDimensions = []Dimension{
	{
		Name: InsightName, Title: text.Text{EN: "Figure", FR: "Chiffre"}, Empty: unknown,
		Doc: text.Text{
			EN: "What the network counted: impressions, reach, profile_visits, link_clicks, or as the imported file calls it.",
			FR: "Ce que le réseau a compté : impressions, reach (portée), profile_visits (visites du profil), link_clicks (clics), ou le nom qu’en donne le fichier importé.",
		},
		SQL: "insight",
	},
}
