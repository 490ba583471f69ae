package metric

import (
	"slices"
	"strings"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Texts for empty values, named in several dimensions.
var (
	direct  = text.Text{EN: "Direct / None", FR: "Direct / aucune"}
	notSet  = text.Text{EN: "(not set)", FR: "(non défini)"}
	unknown = text.Text{EN: "Unknown", FR: "Inconnu"}
	none    = text.Text{EN: "(none)", FR: "(aucune)"}
)

const (
	// exits finds the last page view of each visit that has more than one: the
	// others, most of them, leave where they came in. A visit of the range has
	// events on the days beside it.
	exits = `LEFT ANY JOIN
(
    SELECT visit, argMax(path, ts) AS exit_path
    FROM events
    WHERE site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) - 1 AND day <= toDate({to:DateTime64(3, 'UTC')}) + 1
        AND name = 'pageview' AND entry = 0
    GROUP BY visit
) AS exits USING (visit)`

	// AccountRole is the dimension that tells own accounts from others'.
	AccountRole = "account:role"

	// OthersAccount holds for rows (with network and account) of an account
	// that is somebody else's.
	OthersAccount = "has({others:Array(String)}, concat(network, '/', account))"

	// CountryName is the dimension of countries' English names, which query
	// binds.
	CountryName = "visit:country_name"
	countryName = "transform(country, {countries:Array(String)}, {country_names:Array(String)}, toString(country))"

	// Following numbers the followings that an account's name stood for one
	// after the other: by the ends before a reading (event.FollowerCount).
	Following = "sum(ended) OVER (PARTITION BY network, account ORDER BY ts)"

	closedValue = "t.value" // of a row of closed_values

	// What Part.Only is for shares, and for rows of visits that came through one.
	IsShare  = "name = 'share'"
	ViaShare = "via_share != ''"
)

// dimensions are all dimensions, in the order of the docs.
var dimensions = slices.Concat(readerDimensions, factDimensions(), timeDimensions)

var readerDimensions = []Dimension{
	{
		Name: "event:page", Kind: OfEvent, Title: text.Text{EN: "Page", FR: "Page"}, Empty: none,
		Doc: text.Text{EN: "Path of the page. Bounce rate, duration and visits from shares are those of the visits that entered there, by page and under a page’s filter.", FR: "Chemin de la page. Rebond, durée et visites issues de partages sont ceux des visites entrées par elle, par page et sous le filtre d’une page."},
		SQL: "path", Visit: "entry_path", Closed: closedValue,
	},
	{
		Name: "event:name", Kind: OfEvent, Title: text.Text{EN: "Event", FR: "Événement"}, Empty: none, Goal: true,
		Doc: text.Text{EN: "Name of the event: pageview, share or a custom one.", FR: "Nom de l’événement : pageview, share ou un nom à vous."},
		SQL: "name", Where: "name != 'engagement'",
	},
	{
		Name: "event:goal", Kind: OfEvent, Title: text.Text{EN: "Goal", FR: "Objectif"}, Empty: none, Goal: true,
		Doc: text.Text{EN: "Name of a custom event, or share.", FR: "Nom d’un événement personnalisé, ou share."},
		SQL: "name", Where: "name NOT IN ('pageview', 'engagement')",
	},
	{
		Name: "event:hostname", Kind: OfEvent, Title: text.Text{EN: "Host", FR: "Hôte"}, Empty: none,
		Doc: text.Text{EN: "Host name of the page.", FR: "Nom d’hôte de la page."},
		SQL: "hostname",
	},
	{
		Name: "event:props:", Kind: OfEvent, Title: text.Text{EN: "Property", FR: "Propriété"}, Empty: none, Goal: true,
		Doc: text.Text{EN: "Value of a custom property, named after the colon: event:props:author.", FR: "Valeur d’une propriété personnalisée, nommée après les deux-points : event:props:author."},
		SQL: "props[{key:String}]",
	},
	{
		Name: Currency, Kind: OfEvent, Title: text.Text{EN: "Currency", FR: "Devise"}, Empty: none,
		Doc: text.Text{EN: "ISO 4217 code of the currency of an event's revenue; only events with revenue have one.", FR: "Code ISO 4217 de la devise du montant d’un événement ; seuls les événements avec un montant en ont une."},
		SQL: "revenue_currency", Where: hasRevenue,
	},

	stamped("visit:entry_page", "entry_path", text.Text{EN: "Entry page", FR: "Page d’entrée"}, none,
		text.Text{EN: "Path of the page on which the visit began, with a page view or another event.", FR: "Chemin de la page où la visite a commencé, par une page vue ou un autre événement."}),
	{
		Name: "visit:exit_page", Kind: OfVisit, Title: text.Text{EN: "Exit page", FR: "Page de sortie"}, Empty: none,
		Doc: text.Text{EN: "Path of the last page view of the visit; without a page view, its entry page.", FR: "Chemin de la dernière page vue de la visite ; sans page vue, sa page d’entrée."},
		SQL: "if(exit_path = '', entry_path, exit_path)", Visit: "if(exit_path = '', entry_path, exit_path)", Join: exits, Closed: closedValue,
	},
	stamped("visit:source", "source", text.Text{EN: "Source", FR: "Source"}, direct,
		text.Text{EN: "Where the visit came from: the name of a known site or an app, else the referrer's host, or utm_source. docs/sources.md has the rules.", FR: "D’où vient la visite : nom d’un site connu ou d’une application, sinon hôte de la page référente, ou utm_source. Les règles sont dans docs/sources.md."}),
	stamped("visit:medium", "medium", text.Text{EN: "Medium", FR: "Support"}, notSet,
		text.Text{EN: "How the visit came: utm_medium, or what the source implies.", FR: "Comment la visite est venue : utm_medium, ou ce que la source laisse entendre."}),
	stamped("visit:referrer", "referrer", text.Text{EN: "Referrer", FR: "Page référente"}, direct,
		text.Text{EN: "Host and path of the page that linked here.", FR: "Hôte et chemin de la page qui menait ici."}),
	stamped("visit:channel", "channel", text.Text{EN: "Channel", FR: "Canal"}, unknown,
		text.Text{EN: "Kind of source, with the names and the order of Google Analytics 4 and Plausible. Shares is Earshot's own; docs/sources.md has the rules, and where they differ on purpose.", FR: "Type de source, avec les noms et l’ordre de Google Analytics 4 et de Plausible. Shares est propre à Earshot ; règles et écarts voulus sont dans docs/sources.md."}).called("channel."),
	stamped("visit:utm_source", "utm_source", text.Text{EN: "UTM source", FR: "UTM source"}, notSet,
		text.Text{EN: "utm_source of the entry page's address, or its source or ref.", FR: "utm_source de l’adresse d’entrée, à défaut source ou ref."}),
	stamped("visit:utm_medium", "utm_medium", text.Text{EN: "UTM medium", FR: "UTM medium"}, notSet,
		text.Text{EN: "utm_medium of the entry page's address.", FR: "utm_medium de l’adresse d’entrée."}),
	stamped("visit:utm_campaign", "utm_campaign", text.Text{EN: "UTM campaign", FR: "UTM campaign"}, notSet,
		text.Text{EN: "utm_campaign of the entry page's address.", FR: "utm_campaign de l’adresse d’entrée."}),
	stamped("visit:utm_content", "utm_content", text.Text{EN: "UTM content", FR: "UTM content"}, notSet,
		text.Text{EN: "utm_content of the entry page's address.", FR: "utm_content de l’adresse d’entrée."}),
	stamped("visit:utm_term", "utm_term", text.Text{EN: "UTM term", FR: "UTM term"}, notSet,
		text.Text{EN: "utm_term of the entry page's address.", FR: "utm_term de l’adresse d’entrée."}),
	stamped("visit:device", "device", text.Text{EN: "Device", FR: "Appareil"}, notSet,
		text.Text{EN: "Desktop, Mobile, Tablet and so on.", FR: "Desktop, Mobile, Tablet, etc."}).called("device."),
	stamped("visit:browser", "browser", text.Text{EN: "Browser", FR: "Navigateur"}, notSet,
		text.Text{EN: "Name of the browser.", FR: "Nom du navigateur."}),
	stamped("visit:browser_version", "browser_version", text.Text{EN: "Browser version", FR: "Version du navigateur"}, notSet,
		text.Text{EN: "Version of the browser.", FR: "Version du navigateur."}),
	stamped("visit:os", "os", text.Text{EN: "Operating system", FR: "Système"}, notSet,
		text.Text{EN: "Name of the operating system.", FR: "Nom du système d’exploitation."}),
	stamped("visit:os_version", "os_version", text.Text{EN: "System version", FR: "Version du système"}, notSet,
		text.Text{EN: "Version of the operating system.", FR: "Version du système d’exploitation."}),
	stamped("visit:country", "country", text.Text{EN: "Country", FR: "Pays"}, unknown,
		text.Text{EN: "ISO 3166-1 code of the country that the address belongs to.", FR: "Code ISO 3166-1 du pays auquel appartient l’adresse."}),
	{
		Name: CountryName, Kind: OfVisit, Title: text.Text{EN: "Country by name", FR: "Pays par son nom"}, Empty: unknown, Twin: "visit:country",
		Doc: text.Text{EN: "English name of the country; ISO's short name as Unicode has it.", FR: "Nom anglais du pays, tel que l’écrit Unicode."},
		SQL: countryName, Visit: countryName,
	},
	{
		Name: "visit:screen", Kind: OfVisit, Title: text.Text{EN: "Device", FR: "Appareil"}, Empty: notSet, Twin: "visit:device",
		Doc: text.Text{EN: "Another name of visit:device.", FR: "Autre nom de visit:device."},
		SQL: "device", Visit: "device",
	},
	{
		Name: "visit:share_network", Names: Networks, Kind: OfVisit, Title: text.Text{EN: "Came through a share on", FR: "Venu par un partage sur"}, Empty: unknown,
		Doc: text.Text{EN: "Network of the share that brought the visit; only visits through shares have one.", FR: "Réseau du partage qui a amené la visite ; seules les visites issues de partages en ont un."},
		SQL: "via_network", Visit: "via_network", Where: ViaShare, Closed: closedValue,
	},

	{
		Name: "share:network", Names: Networks, Kind: OfEvent, Title: text.Text{EN: "Shared to", FR: "Partagé sur"}, Empty: unknown,
		Doc: text.Text{EN: "Network that a page was shared to; copy, native and email among them. Visits from shares are counted for the network of their share.", FR: "Réseau sur lequel une page est partagée, dont copy, native et email. Les visites issues de partages comptent pour le réseau du partage."},
		SQL: "share_network", Where: IsShare, Via: "via_network", ViaWhere: ViaShare,
	},
	{
		Name: "share:dark", Names: "share.dark.", Kind: OfEvent, Title: text.Text{EN: "Private or public", FR: "Privé ou public"}, Empty: unknown,
		Doc: text.Text{EN: "private for dark social, shares that no public page shows: copied links, messages, mails, the device's share menu. public for all others.", FR: "private pour les partages qu’aucune page publique ne montre : liens copiés, messages, courriels, menu de l’appareil. public pour les autres."},
		SQL: darkOr("share_network"), Where: IsShare, Via: darkOr("via_network"), ViaWhere: ViaShare,
	},
	{
		Name: "share:kind", Names: "share.kind.", Kind: OfEvent, Title: text.Text{EN: "Way of sharing", FR: "Manière de partager"}, Empty: unknown,
		Doc: text.Text{EN: "link, native, copy, button, window, manual, or address for an address copied from the address bar, which is known from the first visit by it on.", FR: "link, native, copy, button, window, manual, ou address pour une adresse copiée de la barre d’adresse, connue dès la première visite qu’elle amène."},
		SQL: "share_kind", Where: IsShare, Via: "via_kind", ViaWhere: ViaShare,
	},
	{
		Name: "share:generation", Kind: OfEvent, Title: text.Text{EN: "Generation", FR: "Génération"}, Empty: unknown,
		Doc: text.Text{EN: "1 for a share by somebody who came otherwise, 2 for one by a reader whom a first share brought, and so on.", FR: "1 pour un partage de qui est venu autrement, 2 pour celui d’un lecteur amené par un premier partage, et ainsi de suite."},
		SQL: "toString(share_generation)", Where: IsShare, Via: "toString(via_generation)", ViaWhere: ViaShare,
	},

	{
		Name: "account:network", Names: Networks, Kind: OfAccount, Title: text.Text{EN: "Network", FR: "Réseau"}, Empty: unknown,
		Doc: text.Text{EN: "Network of the followed account.", FR: "Réseau du compte suivi."},
		SQL: "network",
	},
	{
		Name: "account:handle", Kind: OfAccount, Title: text.Text{EN: "Account", FR: "Compte"}, Empty: unknown,
		Doc: text.Text{EN: "Name of the followed account.", FR: "Nom du compte suivi."},
		SQL: "account",
	},
	{
		Name: AccountRole, Names: "role.", Kind: OfAccount, Title: text.Text{EN: "Whose account", FR: "Compte de qui"}, Empty: unknown,
		Doc: text.Text{
			EN: "own, or competitor for an account that was marked as somebody else's. Figures about followers count own accounts alone, unless this is asked for or filtered by.",
			FR: "own (à vous), ou competitor pour un compte marqué comme étant celui d’un autre. Les chiffres d’abonnés ne comptent que vos comptes, sauf ventilation ou filtre par cette dimension.",
		},
		SQL: "if(" + OthersAccount + ", 'competitor', 'own')",
	},
}

var timeDimensions = alsoBegun([]Dimension{
	{
		Name: "time:hour", Kind: OfTime, Bucket: Hour, Title: text.Text{EN: "Hour", FR: "Heure"},
		Doc: text.Text{EN: "Hour in the site's time zone.", FR: "Heure dans le fuseau du site."},
		SQL: "toDateTime(ts, 'UTC') - toMinute(ts, {tz:String}) * 60 - toSecond(ts)", Rollup: "toDateTime(toStartOfHour(hour, {tz:String}), 'UTC')",
	},
	{
		Name: "time:day", Kind: OfTime, Bucket: Day, Title: text.Text{EN: "Day", FR: "Jour"},
		Doc: text.Text{EN: "Day in the site's time zone.", FR: "Jour dans le fuseau du site."},
		SQL: "toDate(ts, {tz:String})", Rollup: "toDate(hour, {tz:String})", Closed: "t.day",
	},
	{
		Name: "time:week", Kind: OfTime, Bucket: Week, Title: text.Text{EN: "Week", FR: "Semaine"},
		Doc: text.Text{EN: "Week from Monday on, in the site's time zone.", FR: "Semaine à partir du lundi, dans le fuseau du site."},
		SQL: "toMonday(ts, {tz:String})", Rollup: "toMonday(hour, {tz:String})", Closed: "toMonday(t.day)",
	},
	{
		Name: "time:month", Kind: OfTime, Bucket: Month, Title: text.Text{EN: "Month", FR: "Mois"},
		Doc: text.Text{EN: "Month in the site's time zone.", FR: "Mois dans le fuseau du site."},
		SQL: "toStartOfMonth(ts, {tz:String})", Rollup: "toStartOfMonth(hour, {tz:String})", Closed: "toStartOfMonth(t.day)",
	},
	{
		Name: "time:year", Kind: OfTime, Bucket: Year, Title: text.Text{EN: "Year", FR: "Année"},
		Doc: text.Text{EN: "Year in the site's time zone.", FR: "Année dans le fuseau du site."},
		SQL: "toStartOfYear(ts, {tz:String})", Rollup: "toStartOfYear(hour, {tz:String})", Closed: "toStartOfYear(t.day)",
	},
	{
		Name: "time:hour_of_day", Kind: OfTime, Cycle: span(0, 23), Title: text.Text{EN: "Hour of the day", FR: "Heure de la journée"},
		Doc: text.Text{EN: "0 to 23, in the site's time zone.", FR: "De 0 à 23, dans le fuseau du site."},
		SQL: "toHour(ts, {tz:String})", Rollup: "toHour(hour, {tz:String})",
	},
	{
		Name: "time:day_of_week", Kind: OfTime, Cycle: span(1, 7), Title: text.Text{EN: "Day of the week", FR: "Jour de la semaine"},
		Doc: text.Text{EN: "1 for Monday to 7 for Sunday.", FR: "De 1 pour lundi à 7 pour dimanche."},
		SQL: "toDayOfWeek(ts, 0, {tz:String})", Rollup: "toDayOfWeek(hour, 0, {tz:String})",
	},
})

// alsoBegun adds to buckets and cycles of time what they are of when a visit
// began.
func alsoBegun(list []Dimension) []Dimension {
	for i, d := range list {
		list[i].Began = strings.ReplaceAll(d.SQL, "(ts", "(began")
		list[i].BegunRollup = strings.ReplaceAll(d.Rollup, "(hour", "(visit_hour")
	}
	return list
}

// NotRecorded says why a dimension that Plausible has is none of ours; ok is
// false for every other name.
func NotRecorded(name string) (why text.Text, ok bool) {
	switch name {
	case "visit:region", "visit:region_name", "visit:city", "visit:city_name":
		return text.Text{
			EN: "of an address the country alone is kept: ask by visit:country or visit:country_name",
			FR: "d’une adresse, seul le pays est conservé : demandez visit:country ou visit:country_name",
		}, true
	case "visit:entry_page_hostname", "visit:exit_page_hostname":
		return text.Text{
			EN: "hosts are kept with events, not with entries and exits: ask by event:hostname",
			FR: "les hôtes sont conservés avec les événements, non avec les entrées et sorties : demandez event:hostname",
		}, true
	case "segment":
		return text.Text{EN: "there are no saved segments: give the filters themselves", FR: "il n’y a pas de segments enregistrés : donnez les filtres eux-mêmes"}, true
	}
	return text.Text{}, false
}

// called gives the dimension's values names.
func (d Dimension) called(names string) Dimension {
	d.Names = names
	return d
}

// stamped is a dimension that the writer stamps on all rows of a visit.
func stamped(name, column string, title, empty, doc text.Text) Dimension {
	return Dimension{Name: name, Kind: OfVisit, Title: title, Doc: doc, Empty: empty, SQL: column, Visit: column, Closed: closedValue}
}

func span(from, to int) []int {
	var s []int
	for i := from; i <= to; i++ {
		s = append(s, i)
	}
	return s
}
