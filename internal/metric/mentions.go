package metric

import (
	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/text"
)

// mentionFacts are the mentions that were not deleted, by when they were
// published.
var mentionFacts = Facts{
	Entry: event.Mentions.About(), Where: "NOT deleted", Awaits: "mentions", Counted: true,
	parts: []Part{
		{Name: "mentions", SQL: "toInt64(count())"},
		{Name: "mention_authors", SQL: "uniqIf((source, author), author != '')", Distinct: true},
	},
	metrics: []Metric{
		{
			Name: "mentions", Title: text.Text{EN: "Mentions", FR: "Mentions"}, Unit: Count, Good: UpIsGood,
			Doc: text.Text{
				EN: "Posts, answers, quotes, comments, likes, reposts and bookmarks elsewhere that are about the site, by when they were published. The same one counts once, however often it is found, and no more once it is deleted there.",
				FR: "Publications, réponses, citations, commentaires, mentions « j’aime », partages et signets ailleurs au sujet du site, selon leur date de publication. Une même mention compte une fois, quel que soit le nombre de fois où elle est trouvée, et plus du tout une fois supprimée là-bas.",
			},
			Formula: "mentions that are not deleted", Source: earshot,
			Parts: []string{"mentions"}, SQL: "ifNull(p.mentions, 0)",
		},
		{
			Name: "mention_authors", Title: text.Text{EN: "Authors of mentions", FR: "Auteurs de mentions"}, Unit: Count, Good: UpIsGood,
			Doc: text.Text{
				EN: "Different authors of those mentions; somebody who speaks of the site at two sources is two. Mentions without an author count for none.",
				FR: "Auteurs différents de ces mentions ; qui parle du site sur deux sources compte deux fois. Les mentions sans auteur n’en comptent aucun.",
			},
			Formula: "distinct authors by source", Source: earshot,
			Parts: []string{"mention_authors"}, SQL: "ifNull(p.mention_authors, 0)",
		},
	},
	dimensions: []Dimension{
		{
			Name: "mention:source", Names: Networks, Title: text.Text{EN: "Source of the mention", FR: "Source de la mention"}, Empty: unknown,
			Doc: text.Text{EN: "Where the mention was found: a network, webmention and so on.", FR: "Où la mention a été trouvée : un réseau, webmention, etc."},
			SQL: "source",
		},
		{
			Name: "mention:kind", Names: "mention.kind.", Title: text.Text{EN: "Kind of mention", FR: "Type de mention"}, Empty: unknown,
			Doc: text.Text{EN: "mention, reply, quote, comment, like, repost or bookmark.", FR: "mention, reply (réponse), quote (citation), comment (commentaire), like (« j’aime »), repost (partage) ou bookmark (signet)."},
			SQL: "kind",
		},
		{
			Name: "mention:author", Title: text.Text{EN: "Author of the mention", FR: "Auteur de la mention"}, Empty: unknown,
			Doc: text.Text{EN: "Who said it, by the name at the source.", FR: "Qui l’a dit, sous son nom à la source."},
			SQL: "author",
		},
		{
			Name: "mention:language", Names: Languages, Title: text.Text{EN: "Language of the mention", FR: "Langue de la mention"}, Empty: unknown,
			Doc: text.Text{EN: "Language of the mention's text, as the source says it.", FR: "Langue du texte de la mention, d’après la source."},
			SQL: "language",
		},
	},
}
