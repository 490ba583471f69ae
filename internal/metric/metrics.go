package metric

import (
	"slices"

	"github.com/earshot-analytics/earshot/internal/text"
)

// Sources of definitions, named in several metrics.
const (
	plausible = "Plausible Analytics, metric definitions"
	earshot   = "Earshot"
	common    = "common: 30 minutes without an event end a visit"
)

// notShared are the dimensions on which a figure that divides by all readers
// would divide by itself.
var notShared = []string{"share:", "visit:share_network"}

// roundedAccounts marks the figures that rest on rounded readings.
const roundedAccounts = "rounded_accounts"

// pace is by how much a following is multiplied over a whole bucket, if it
// goes on as it did between the readings in the part that has passed
// (docs/growth.md). paced says that these are of enough of it: of {least:Float64}.
const (
	pace  = "pow((p.before_since + p.gained_since) / p.before_since, 1 / ({passed:Float64} * p.read_since))"
	paced = "p.before_since > 0 AND {passed:Float64} * p.read_since >= {least:Float64}"
)

// since are the parts that pace reads.
var since = []string{"gained_since", "before_since", "read_since"}

// metrics are all metrics, in the order of the docs. Percentages and ratios
// are rounded here, once, so that page, CSV file and API say the same.
var metrics = slices.Concat([]Metric{
	{
		Name: "visitors", Title: text.Text{EN: "Visitors", FR: "Visiteurs"}, Unit: Count, Good: UpIsGood,
		Doc: text.Text{
			EN: "Different readers. A reader is told from others for one day at most, so somebody who comes on three days counts three times over a longer period.",
			FR: "Lecteurs différents. Un lecteur n’est reconnu que pendant une journée : qui vient trois jours compte trois fois sur une période plus longue.",
		},
		Formula: "distinct visitors", Source: plausible,
		Parts: []string{"visitors"}, SQL: "ifNull(p.visitors, 0)",
	},
	{
		Name: "visits", Title: text.Text{EN: "Visits", FR: "Visites"}, Unit: Count, Good: UpIsGood,
		Doc: text.Text{
			EN: "Visits: page views and other events of one reader with less than 30 minutes between them; a visit needs no page view. By page or under a filter on events, the visits with such an event. A visit counts once, when it begins; Plausible counts it in each hour that it reaches into, which adds up to more.",
			FR: "Visites : pages vues et autres événements d’un lecteur, séparés de moins de 30 minutes ; une visite peut être sans page vue. Par page ou sous un filtre d’événements, les visites qui en ont un. Une visite compte une fois, à son début ; Plausible la compte dans chaque heure qu’elle touche, ce qui donne une somme plus grande.",
		},
		Formula: "visits that began", Source: common,
		Parts: []string{"visits"}, SQL: "ifNull(p.visits, 0)",
	},
	{
		Name: "pageviews", Title: text.Text{EN: "Page views", FR: "Pages vues"}, Unit: Count, Good: UpIsGood,
		Doc:     text.Text{EN: "Pages loaded, reloads included.", FR: "Pages chargées, rechargements compris."},
		Formula: "events named pageview", Source: plausible,
		Parts: []string{"pageviews"}, SQL: "ifNull(p.pageviews, 0)",
	},
	{
		Name: "views_per_visit", Title: text.Text{EN: "Views per visit", FR: "Pages par visite"}, Unit: Ratio, Good: UpIsGood,
		Doc:     text.Text{EN: "Page views of an average visit.", FR: "Pages vues au cours d’une visite moyenne."},
		Formula: "pageviews ÷ visits", Source: plausible, Empty: Unknown,
		Parts: []string{"visit_pageviews", "visits"}, SQL: "if(p.visits > 0, round(ifNull(p.visit_pageviews, 0) / p.visits, 2), NULL)",
	},
	{
		Name: "bounce_rate", Title: text.Text{EN: "Bounce rate", FR: "Taux de rebond"}, Unit: Percent, Good: DownIsGood,
		Doc: text.Text{
			EN: "Visits with one page view at most and no other event that shows interest, as a share of all visits. By page or under a page’s filter, of the visits that entered there.",
			FR: "Part des visites d’une page au plus, sans autre événement qui marque un intérêt. Par page ou sous le filtre d’une page, parmi les visites entrées par elle.",
		},
		Formula: "bounces ÷ visits × 100", Source: plausible, Empty: Unknown,
		Parts: []string{"bounces", "entries"}, SQL: "if(p.entries > 0, round(100 * p.bounces / p.entries), NULL)",
	},
	{
		Name: "visit_duration", Title: text.Text{EN: "Visit duration", FR: "Durée de visite"}, Unit: Duration, Good: UpIsGood,
		Doc: text.Text{
			EN: "Time from the first to the last event of an average visit, bounces included. Reports of engaged time are events here, so that a visit of one page has the time for which it was read; Plausible leaves them out and has 0 for it. By page or under a page’s filter, of the visits that entered there.",
			FR: "Temps entre le premier et le dernier événement d’une visite moyenne, rebonds compris. Les relevés de temps d’attention sont ici des événements : une visite d’une page dure le temps de sa lecture ; Plausible les écarte et y compte 0. Par page ou sous le filtre d’une page, pour les visites entrées par elle.",
		},
		Formula: "time between events of visits ÷ visits", Source: earshot, Empty: Unknown,
		Parts: []string{"gap", "entries"}, SQL: "if(p.entries > 0, round(p.gap / 1000 / p.entries), NULL)",
	},
	{
		Name: "events", Title: text.Text{EN: "Events", FR: "Événements"}, Unit: Count, Good: UpIsGood,
		Doc: text.Text{
			EN: "Page views, shares and custom events. Reports of engaged time are not counted.",
			FR: "Pages vues, partages et événements personnalisés. Les relevés de temps d’attention ne comptent pas.",
		},
		Formula: "events not named engagement", Source: plausible,
		Parts: []string{"events"}, SQL: "ifNull(p.events, 0)",
	},
	{
		Name: "scroll_depth", Title: text.Text{EN: "Scroll depth", FR: "Profondeur de défilement"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "How far down a page an average view reached, of the views that told. By view, as read rate and engaged time are; Plausible takes the deepest point of each visit, which is more where a page is seen again.",
			FR: "Jusqu’où une page est parcourue en moyenne, parmi les vues qui l’ont dit. Par vue, comme le taux de lecture et le temps d’attention ; Plausible prend le point le plus bas de chaque visite, soit davantage si une page est revue.",
		},
		Formula: "sum of deepest points ÷ views that told one", Source: earshot, Empty: Unknown,
		Parts: []string{"depth", "depths"}, SQL: "if(p.depths > 0, round(least(100, p.depth / p.depths)), NULL)",
	},
	{
		Name: "percentage", Title: text.Text{EN: "Share of visitors", FR: "Part des visiteurs"}, Unit: Percent, Good: Neutral,
		Doc: text.Text{
			EN: "Visitors of the group as a share of all visitors of the query. A reader may be in several groups.",
			FR: "Visiteurs du groupe, en part de tous ceux de la requête. Un lecteur peut être de plusieurs groupes.",
		},
		Formula: "visitors of the group ÷ visitors × 100", Source: plausible, Empty: Unknown, NeedsDimension: true,
		Parts: []string{"visitors", "all_visitors"}, SQL: "if(all_visitors > 0, round(100 * ifNull(p.visitors, 0) / all_visitors, 2), NULL)",
	},
	{
		Name: "conversion_rate", Title: text.Text{EN: "Conversion rate", FR: "Taux de conversion"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "Visitors who did what the goal says, as a share of all visitors whom the other filters leave.",
			FR: "Visiteurs ayant atteint l’objectif, en part de tous ceux que laissent les autres filtres.",
		},
		Formula: "visitors with the goal ÷ visitors × 100", Source: plausible, Empty: Unknown, NeedsGoal: true,
		Parts: []string{"visitors", "all_base_visitors"}, SQL: "if(all_base_visitors > 0, round(100 * ifNull(p.visitors, 0) / all_base_visitors, 2), NULL)",
	},
	{
		Name: "group_conversion_rate", Title: text.Text{EN: "Conversion rate in the group", FR: "Taux de conversion du groupe"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "Visitors of the group who did what the goal says, as a share of the group's visitors.",
			FR: "Visiteurs du groupe ayant atteint l’objectif, en part des visiteurs du groupe.",
		},
		Formula: "visitors of the group with the goal ÷ visitors of the group × 100", Source: plausible, Empty: Unknown, NeedsGoal: true, NeedsDimension: true,
		Parts: []string{"visitors", "base_visitors"}, SQL: "if(p.base_visitors > 0, round(100 * ifNull(p.visitors, 0) / p.base_visitors, 2), NULL)",
		Not: []string{"event:goal", "event:name", "event:props:", "share:"},
	},
	{
		Name: "time_on_page", Title: text.Text{EN: "Time on page", FR: "Temps sur la page"}, Unit: Duration, Good: UpIsGood,
		Doc: text.Text{
			EN: "Time with the page in view and in use, for an average visit to it; several views in a visit add up. A visit without a report counts as 0, as its reader left at once; Plausible leaves such visits out and has more.",
			FR: "Temps passé, page visible et active, pour une visite moyenne de la page ; ses vues d’une même visite s’ajoutent. Une visite sans relevé compte pour 0, car son lecteur est reparti aussitôt ; Plausible écarte ces visites et obtient plus.",
		},
		Formula: "engaged time ÷ visits that viewed the page", Source: earshot, Empty: Unknown,
		Parts: []string{"engaged", "page_visits"}, SQL: "if(p.page_visits > 0, round(p.engaged / 1000 / p.page_visits), NULL)",
	},
	{
		Name: "engaged_time", Title: text.Text{EN: "Engaged time", FR: "Temps d’attention"}, Unit: Duration, Good: UpIsGood,
		Doc: text.Text{
			EN: "Time with a page in view and in use, for an average page view.",
			FR: "Temps passé, page visible et active, pour une page vue moyenne.",
		},
		Formula: "engaged time ÷ pageviews", Source: "Chartbeat, average engaged time", Empty: Unknown,
		Parts: []string{"engaged", "visit_pageviews"}, SQL: "if(p.visit_pageviews > 0, round(p.engaged / 1000 / p.visit_pageviews), NULL)",
	},
	{
		Name: "read_rate", Title: text.Text{EN: "Read rate", FR: "Taux de lecture"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "Page views that were read: 15 seconds of engaged time and three quarters of the page at least.",
			FR: "Pages vues qui ont été lues : au moins 15 secondes d’attention et les trois quarts de la page.",
		},
		Formula: "read views ÷ pageviews × 100", Source: earshot + ", after Medium's read ratio", Empty: Unknown,
		Parts: []string{"reads", "visit_pageviews"}, SQL: "if(p.visit_pageviews > 0, round(least(100, 100 * ifNull(p.reads, 0) / p.visit_pageviews), 1), NULL)",
	},
	{
		Name: "shares", Title: text.Text{EN: "Shares", FR: "Partages"}, Unit: Count, Good: UpIsGood, Awaits: AwaitsShares,
		Doc: text.Text{
			EN: "Acts of sharing a page: share links, the device's share sheet, copied addresses. Whether the post was sent after that, nobody can see.",
			FR: "Partages d’une page : liens de partage, menu de l’appareil, adresses copiées. Nul ne voit si le message est ensuite parti.",
		},
		Formula: "events named share", Source: earshot,
		Parts: []string{"shares"}, SQL: "ifNull(p.shares, 0)",
	},
	{
		Name: "sharers", Title: text.Text{EN: "Sharers", FR: "Partageurs"}, Unit: Count, Good: UpIsGood, Awaits: AwaitsShares,
		Doc:     text.Text{EN: "Different readers who shared.", FR: "Lecteurs différents ayant partagé."},
		Formula: "distinct visitors with a share", Source: earshot,
		Parts: []string{"sharers"}, SQL: "ifNull(p.sharers, 0)",
	},
	{
		Name: "share_rate", Title: text.Text{EN: "Share rate", FR: "Taux de partage"}, Unit: Percent, Good: UpIsGood,
		Doc:     text.Text{EN: "Visitors who shared, as a share of all visitors.", FR: "Part des visiteurs qui ont partagé."},
		Formula: "sharers ÷ visitors × 100", Source: earshot, Empty: Unknown,
		Parts: []string{"sharers", "visitors"}, SQL: "if(p.visitors > 0, round(100 * ifNull(p.sharers, 0) / p.visitors, 2), NULL)",
		Not: []string{"share:"},
	},
	{
		Name: "dark_share", Title: text.Text{EN: "Dark share", FR: "Part sombre"}, Unit: Percent,
		Doc: text.Text{
			EN: "Shares that no public page shows, as a part of all shares: copied links, e-mail, SMS, messengers, the device's share menu. Without a mark in the link, the visits that they bring would look direct.",
			FR: "Part des partages qu’aucune page publique ne montre : liens copiés, e-mails, SMS, messageries, menu de partage de l’appareil. Sans marque dans le lien, leurs visites passeraient pour directes.",
		},
		Formula: "shares by copy, e-mail, SMS, messengers and share menus ÷ shares × 100", Source: "Madrigal, The Atlantic 2012, “dark social”", Empty: Unknown,
		Parts: []string{"dark_shares", "shares"}, SQL: "if(p.shares > 0, round(100 * p.dark_shares / p.shares, 1), NULL)",
	},
	{
		Name: "repeat_sharers", Title: text.Text{EN: "Share more than once a day", FR: "Partagent plusieurs fois par jour"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "Sharers who share more than once on a day, as a part of all sharers. A reader is told from others for one day, so each counts by the day. By network or page, those with several shares there.",
			FR: "Partageurs qui partagent plus d’une fois dans la journée, en part de tous. Un lecteur n’étant reconnu qu’une journée, chacun compte par jour. Par réseau ou par page, ceux qui y ont plusieurs partages.",
		},
		Formula: "sharers with 2 shares or more ÷ sharers × 100", Source: earshot + ", after GlobalWebIndex", Empty: Unknown,
		Parts: []string{"sharers_again", "sharers_counted"}, SQL: "if(p.sharers_counted > 0, round(100 * p.sharers_again / p.sharers_counted, 1), NULL)",
		References: []Reference{
			{45, text.Text{EN: "Twitter 2011: share an opinion on a product or a brand more than once a day", FR: "Twitter 2011 : partagent un avis sur un produit ou une marque plus d’une fois par jour"}},
			{34, text.Text{EN: "Twitter 2011: share a link on a product or a brand more than once a day", FR: "Twitter 2011 : partagent un lien sur un produit ou une marque plus d’une fois par jour"}},
		},
	},
	often("sharers_once", "sharers_once", text.Text{EN: "Share once a day", FR: "Partagent une fois par jour"}, text.Text{EN: "Sharers with one share on a day.", FR: "Partageurs ayant un partage dans la journée."}, "sharers with 1 share"),
	often("sharers_twice", "sharers_twice", text.Text{EN: "Share twice a day", FR: "Partagent deux fois par jour"}, text.Text{EN: "Sharers with two shares on a day.", FR: "Partageurs ayant deux partages dans la journée."}, "sharers with 2 shares"),
	often("sharers_3_to_5", "sharers_few", text.Text{EN: "Share 3 to 5 times a day", FR: "Partagent 3 à 5 fois par jour"}, text.Text{EN: "Sharers with three to five shares on a day.", FR: "Partageurs ayant trois à cinq partages dans la journée."}, "sharers with 3 to 5 shares"),
	often("sharers_6_or_more", "sharers_many", text.Text{EN: "Share 6 times a day or more", FR: "Partagent 6 fois par jour ou plus"}, text.Text{EN: "Sharers with six shares on a day or more.", FR: "Partageurs ayant six partages ou plus dans la journée."}, "sharers with 6 shares or more"),
	{
		Name: "shares_per_sharer", Title: text.Text{EN: "Shares per sharer", FR: "Partages par partageur"}, Unit: Ratio, Good: UpIsGood,
		Doc: text.Text{
			EN: "How often an average reader who shares does so.",
			FR: "Nombre de partages d’un partageur moyen.",
		},
		Formula: "shares ÷ sharers", Source: earshot, Empty: Unknown,
		Parts: []string{"shares", "sharers"}, SQL: "if(p.sharers > 0, round(ifNull(p.shares, 0) / p.sharers, 2), NULL)",
	},
	{
		Name: "share_visits", Title: text.Text{EN: "Visits from shares", FR: "Visites issues de partages"}, Unit: Count, Good: UpIsGood, Awaits: AwaitsShares,
		Doc: text.Text{
			EN: "Visits that began with an address that carried a share's mark. By page, of the visits that entered there; by share network, of the shares made there.",
			FR: "Visites dont la première adresse portait la marque d’un partage. Par page, celles entrées par elle ; par réseau, celles de ses partages.",
		},
		Formula: "visits that came through a share", Source: earshot,
		Parts: []string{"share_visits"}, SQL: "ifNull(p.share_visits, 0)",
	},
	{
		Name: "visits_per_share", Title: text.Text{EN: "Visits per share", FR: "Visites par partage"}, Unit: Ratio, Good: UpIsGood,
		Doc: text.Text{
			EN: "Visits that an average share brought. Visits may come from shares made before the period.",
			FR: "Visites apportées par un partage moyen. Elles peuvent venir de partages antérieurs à la période.",
		},
		Formula: "share_visits ÷ shares", Source: "AddThis, clickbacks per share", Empty: Unknown,
		Parts: []string{"share_visits", "shares"}, SQL: "if(p.shares > 0, round(ifNull(p.share_visits, 0) / p.shares, 2), NULL)",
	},
	{
		Name: "reshares", Title: text.Text{EN: "Reshares", FR: "Repartages"}, Unit: Count, Good: UpIsGood, Awaits: AwaitsShares,
		Doc: text.Text{
			EN: "Shares made by readers who came through a share themselves.",
			FR: "Partages faits par des lecteurs venus eux-mêmes par un partage.",
		},
		Formula: "shares with a parent share", Source: "AddThis, viral generations",
		Parts: []string{"reshares"}, SQL: "ifNull(p.reshares, 0)",
	},
	{
		Name: "generations", Title: text.Text{EN: "Generations", FR: "Générations"}, Unit: Count, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "How far words were carried: the deepest share, 1 where nobody whom a share brought shared again.",
			FR: "Jusqu’où les mots sont allés : le partage le plus profond, 1 si nul lecteur amené par un partage n’a partagé à son tour.",
		},
		Formula: "largest generation of a share", Source: "AddThis, viral generations",
		Parts: []string{"deepest"}, SQL: "nullIf(p.deepest, 0)",
	},
	{
		Name: "mean_generation", Title: text.Text{EN: "Mean generation", FR: "Génération moyenne"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Generation of an average share: 1 where all are made by readers who came otherwise.",
			FR: "Génération d’un partage moyen : 1 si tous viennent de lecteurs arrivés autrement.",
		},
		Formula: "sum of the shares' generations ÷ shares", Source: "AddThis, viral generations",
		Parts: []string{"depth_of_shares", "shares"}, SQL: "if(p.shares > 0, round(p.depth_of_shares / p.shares, 2), NULL)",
	},
	{
		Name: "time_to_first_visit", Title: text.Text{EN: "Time to the first visit", FR: "Délai de la première visite"}, Unit: Duration, Good: DownIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Time from a share to the first visit that it brings, for the median share; of shares made in the period that brought a visit in it, by the day of that visit.",
			FR: "Temps entre un partage et la première visite qu’il amène, pour le partage médian ; parmi les partages de la période qui y ont amené une visite, au jour de celle-ci.",
		},
		Formula: "median over shares of (first visit − share)", Source: earshot,
		Parts: []string{"first_visit"}, SQL: "p.first_visit",
	},
	{
		Name: "share_half_life", Title: text.Text{EN: "Half-life of a share", FR: "Demi-vie d’un partage"}, Unit: Duration, Empty: Unknown,
		Doc: text.Text{
			EN: "Time after a share by which half of its visits have come; over the visits of the period, however old their share.",
			FR: "Temps après un partage au bout duquel la moitié de ses visites sont venues ; sur les visites de la période, quel que soit l’âge de leur partage.",
		},
		Formula: "median over visits from shares of (visit − share)", Source: "Bitly 2011, half-life of a link",
		Parts: []string{"share_age"}, SQL: "p.share_age",
	},
	{
		Name: "reshare_rate", Title: text.Text{EN: "Reshare rate", FR: "Taux de repartage"}, Unit: Percent, Good: UpIsGood,
		Doc: text.Text{
			EN: "Reshares for every hundred visits that shares brought: how readily readers pass on what was passed to them.",
			FR: "Repartages pour cent visites issues de partages : à quel point on transmet ce que l’on a reçu.",
		},
		Formula: "reshares ÷ share_visits × 100", Source: earshot, Empty: Unknown,
		Parts: []string{"reshares", "share_visits"}, SQL: "if(p.share_visits > 0, round(100 * ifNull(p.reshares, 0) / p.share_visits, 2), NULL)",
		Not: []string{"share:"},
	},
	{
		Name: "k_factor", Title: text.Text{EN: "K-factor", FR: "Facteur K"}, Unit: Ratio, Good: UpIsGood,
		Doc: text.Text{
			EN: "Further readers that a reader brings by sharing. Below 1, every reader who came otherwise becomes 1 ÷ (1 − K) readers in the end: at 0.7, 3.33.",
			FR: "Lecteurs qu’un lecteur amène par ses partages. En dessous de 1, chaque lecteur venu autrement en devient 1 ÷ (1 − K) au bout du compte : 3,33 pour 0,7.",
		},
		Formula: "(shares ÷ visitors) × (visitors from shares ÷ shares)", Source: "viral marketing, K = i × c", Empty: Unknown,
		Parts: []string{"share_visitors", "visitors"}, SQL: "if(p.visitors > 0, round(ifNull(p.share_visitors, 0) / p.visitors, 3), NULL)",
		Not: notShared,
	},
	{
		Name: "amplification", Title: text.Text{EN: "Amplification", FR: "Amplification"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Readers whom sharing makes of each reader who came otherwise: 1 ÷ (1 − K), 3.33 for a K-factor of 0.7. Unknown from 1 on, where it would not end. Not the shares a post or a follower that others call so.",
			FR: "Lecteurs que le partage fait de chaque lecteur venu autrement : 1 ÷ (1 − K), 3,33 pour un facteur K de 0,7. Inconnue à partir de 1, où elle serait sans fin. Ce n’est ni le nombre de partages par article ni par abonné que d’autres appellent ainsi.",
		},
		Formula: "1 ÷ (1 − k_factor)", Source: "viral marketing, geometric series",
		Parts: []string{"share_visitors", "visitors"}, SQL: "if(p.visitors > ifNull(p.share_visitors, 0), round(p.visitors / (p.visitors - ifNull(p.share_visitors, 0)), 2), NULL)",
		Not: notShared,
	},
	{
		Name: "social_lift", Title: text.Text{EN: "Social lift", FR: "Effet de levier social"}, Unit: Ratio, Good: UpIsGood,
		Doc: text.Text{
			EN: "What shares add to the other visits: 1.5 means half as many again.",
			FR: "Ce que les partages ajoutent aux autres visites : 1,5 signifie moitié plus.",
		},
		Formula: "1 + share_visits ÷ (visits − share_visits)", Source: "Winston, Analytics Stories", Empty: Unknown,
		Parts: []string{"share_visits", "entries"}, SQL: "if(p.entries > ifNull(p.share_visits, 0), round(1 + ifNull(p.share_visits, 0) / (p.entries - ifNull(p.share_visits, 0)), 2), NULL)",
		Not: notShared,
	},
	{
		Name: "followers", Title: text.Text{EN: "Followers", FR: "Abonnés"}, Unit: Count, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "The last reading of each account before the end of the period or bucket, summed over accounts. A reading stands for 7 days, or for as long as the bucket up to 31 days; without one the figure is unknown, not 0.",
			FR: "Dernier relevé de chaque compte avant la fin de la période ou de l’intervalle, sommé sur les comptes. Un relevé vaut 7 jours, ou la durée de l’intervalle jusqu’à 31 jours ; sans relevé, le nombre est inconnu et non nul.",
		},
		Formula: "sum over accounts of the last reading", Source: "what the networks say",
		Parts: []string{"followers"}, SQL: "p.followers",
		MarkedBy: roundedAccounts, ProjectedParts: since,
		Projected: "if(" + paced + ", round(p.followers - p.before_since - p.gained_since + p.before_since * " + pace + "), NULL)",
	},
	{
		Name: "net_followers", Title: text.Text{EN: "New followers, net", FR: "Abonnés gagnés, net"}, Unit: Count, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Followers won less followers lost, over the accounts that have a reading at both ends. An account first read inside the period is compared with that reading.",
			FR: "Abonnés gagnés moins abonnés perdus, pour les comptes relevés aux deux bouts. Un compte relevé pour la première fois dans la période est comparé à ce relevé.",
		},
		Formula: "last reading − first reading", Source: "common",
		Parts: []string{"gained"}, SQL: "p.gained",
		MarkedBy: roundedAccounts, ProjectedParts: since,
		Projected: "if(" + paced + ", round(p.gained - p.gained_since + p.before_since * (" + pace + " - 1)), NULL)",
	},
	{
		Name: "follower_growth", Title: text.Text{EN: "Follower growth", FR: "Croissance des abonnés"}, Unit: Percent, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Net new followers as a share of the followers at the start, over the same accounts: 500 to 2,000 is 300 %.",
			FR: "Abonnés gagnés, net, en part des abonnés du départ, pour les mêmes comptes : de 500 à 2 000, 300 %.",
		},
		Formula: "(last − first) ÷ first × 100", Source: "common",
		Parts: []string{"gained", "before"}, SQL: "if(p.before > 0, round(100 * p.gained / p.before, 2), NULL)",
		MarkedBy: roundedAccounts, ProjectedParts: since,
		Projected: "if(" + paced + ", round(100 * (" + pace + " - 1), 2), NULL)",
	},
	{
		Name: "follower_cmgr", Title: text.Text{EN: "Compound monthly growth", FR: "Croissance mensuelle composée"}, Unit: Percent, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "The same growth in every month that leads from the first reading to the last: 500 to 2,000 in two months is 100 %. Comparable between periods of different length; unknown where the readings span fewer than 28 days.",
			FR: "La croissance, égale chaque mois, qui mène du premier relevé au dernier : de 500 à 2 000 en deux mois, 100 %. Comparable entre périodes de longueurs différentes ; inconnue si les relevés couvrent moins de 28 jours.",
		},
		Formula: "((last ÷ first)^(1 ÷ months) − 1) × 100", Source: "common, CMGR; by week FanpageKarma",
		Parts: []string{"gained", "before", "months"}, SQL: "if(p.before > 0 AND p.months > 0, round(100 * (pow((p.before + p.gained) / p.before, 1 / p.months) - 1), 2), NULL)",
		Not: []string{"time:hour", "time:day", "time:week"}, MarkedBy: roundedAccounts,
	},
	{
		Name: roundedAccounts, Title: text.Text{EN: "Rounded accounts", FR: "Comptes arrondis"}, Unit: Count, Empty: Unknown,
		Doc: text.Text{
			EN: "Accounts of the row whose count their network rounds, at the start or the end. Above 0, the row's figures about followers are rounded: shown with ≈.",
			FR: "Comptes de la ligne dont le réseau arrondit le nombre, au début ou à la fin. Au-dessus de 0, les chiffres d’abonnés de la ligne sont arrondis : affichés avec ≈.",
		},
		Formula: "accounts with a rounded reading at either end", Source: "what the networks say",
		Parts: []string{"rounded"}, SQL: "p.rounded",
	},
	{
		Name: "reading_age", Title: text.Text{EN: "Age of the last reading", FR: "Âge du dernier relevé"}, Unit: Duration, Good: DownIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Time since the last reading of the account that has waited longest, at the end of the period. A figure about followers carries that reading forward, for as long as it stands.",
			FR: "Temps écoulé, à la fin de la période, depuis le dernier relevé du compte qui attend le plus. Les chiffres d’abonnés reprennent ce relevé, tant qu’il vaut.",
		},
		Formula: "end of the period − last reading, the longest over accounts", Source: earshot,
		Parts: []string{"unread"}, SQL: "p.unread", NoChange: true,
	},
}, revenueMetrics, factMetrics())

// often counts sharers by how many shares they have.
func often(name, part string, title, doc text.Text, formula string) Metric {
	return Metric{
		Name: name, Title: title, Unit: Count, Doc: doc, Formula: formula, Source: earshot + ", after GlobalWebIndex",
		Parts: []string{part}, SQL: "ifNull(p." + part + ", 0)",
	}
}
