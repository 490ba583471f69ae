package metric

import (
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/text"
)

// leftOutFacts are hits that are counted nowhere else.
var leftOutFacts = Facts{
	Entry: event.LeftOuts.About(), Awaits: AwaitsLeftOut, Counted: true,
	parts: []Part{{Name: "left_out", SQL: "sum(hits)"}},
	metrics: []Metric{
		{
			Name: "left_out", Title: text.Text{EN: "Hits left out", FR: "Accès écartés"}, Unit: Count,
			Doc: text.Text{
				EN: "Hits by bots, AI crawlers, link previews, referrer spam and readers who opted out. They are counted here and never part of any other figure.",
				FR: "Accès de robots, de robots d’IA, d’aperçus de liens, de référents indésirables et de lecteurs qui refusent la mesure. Ils sont comptés ici et n’entrent dans aucun autre chiffre.",
			},
			Formula: "hits kept out", Source: earshot,
			Parts: []string{"left_out"}, SQL: "ifNull(p.left_out, 0)",
		},
	},
	dimensions: []Dimension{
		{
			Name: "left_out:reason", Names: "left_out.", Title: text.Text{EN: "Reason", FR: "Raison"}, Empty: unknown,
			Doc: text.Text{EN: "Why a hit was left out: bot, ai (AI crawlers), preview (link previews), spam (referrer spam) or excluded (readers who opted out).", FR: "Pourquoi un accès est écarté : bot (robots), ai (robots d’IA), preview (aperçus de liens), spam (référents indésirables) ou excluded (lecteurs qui refusent la mesure)."},
			SQL: "reason",
		},
		{
			Name: "left_out:agent", Names: Networks, Title: text.Text{EN: "Program", FR: "Programme"}, Empty: text.Text{EN: "(unnamed)", FR: "(sans nom)"},
			Doc: text.Text{EN: "Name of the bot; of a link preview, the network that asked for it; of referrer spam, the domain that it advertises. Readers who opted out have none.", FR: "Nom du robot ; d’un aperçu de lien, le réseau qui l’a demandé ; d’un référent indésirable, le domaine qu’il vante. Les lecteurs qui refusent la mesure n’en ont pas."},
			SQL: "agent", Where: "reason != 'excluded'",
		},
	},
}
