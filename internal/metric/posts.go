package metric

import (
	"strings"

	"github.com/earshot-analytics/earshot/internal/event"
	"github.com/earshot-analytics/earshot/internal/text"
)

// Figures of the posts of the followed accounts: what the networks tell, and
// what the posts brought to the blog. A row is a post, with the last that its
// network told of it; its time is its publication.

// PostRows are the posts that have a reading, as a table to select from. A
// reading of before the range can't be of a post that was published in it; the
// 7 days more are for the posts that share visits with those. An imported file
// says its figures and often nothing else: then what was said before stands.
// Of times, the network's own goes before a file's, which may be the day of a
// reading, and then the earliest.
var PostRows = postsWith("url", "text", "page", "share_id", "likes", "comments", "reposts", "views")

// postsWith are the posts with some of their columns: ClickHouse takes longer to
// analyse an aggregate that nobody reads than to compute it.
func postsWith(columns ...string) string {
	var list []string
	for _, name := range columns {
		sql := "argMax(r." + name + ", said)"
		switch name {
		case "url", "text":
			sql = "argMaxIf(r." + name + ", said, polled OR r." + name + " != '')"
		case "page", "share_id":
			sql = "argMaxIf(r." + name + ", said, polled OR r.page != '' OR r.share_id != '')"
		}
		list = append(list, ",\n        "+sql+" AS "+name)
	}
	return `(
    SELECT
        network, account, post,
        argMin(published, (NOT polled, published)) AS ts` + strings.Join(list, "") + `
    FROM
    (
        SELECT *, (ts, recorded) AS said, origin = 'poll' AS polled
        FROM post_figures
        WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7)
    ) AS r
    GROUP BY network, account, post
)`
}

const (
	// readers are the readings of the accounts around the posts, each with the
	// next; before the first is one at the beginning of time. of_following
	// tells followings apart that had the same name one after the other.
	readers = `(
    SELECT of_network, of_account, reading.1 AS read_at, reading.2 AS had, reading.3 AS of_following, following.1 AS next_at, following.2 AS next_had
    FROM
    (
        SELECT of_network, of_account, arraySort(groupArray((read_at, had, of_following))) AS readings
        FROM
        (
            SELECT network AS of_network, account AS of_account, ts AS read_at, followers AS had, ended,
                ` + Following + ` AS of_following
            FROM follower_counts FINAL
            WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
        )
        WHERE NOT ended
        GROUP BY of_network, of_account
    )
    ARRAY JOIN arrayPushFront(readings, (toDateTime(0, 'UTC'), 0, 0)) AS reading, arrayPushBack(readings, (toDateTime(0, 'UTC'), 0, 0)) AS following
)`

	// The last reading before a post, beside the first after it, and the last
	// of the 7 days after it.
	before = "ASOF LEFT JOIN " + readers + " AS had_before ON had_before.of_network = post_rows.network AND had_before.of_account = post_rows.account AND had_before.read_at <= post_rows.ts"
	after  = "ASOF LEFT JOIN " + readers + " AS had_after ON had_after.of_network = post_rows.network AND had_after.of_account = post_rows.account AND had_after.read_at <= post_rows.ts + toIntervalDay(7)"

	wasKnown  = "had_before.read_at >= ts - toIntervalDay(7)"
	followers = "multiIf(" + wasKnown + ", had_before.had, had_before.next_at BETWEEN ts AND ts + toIntervalDay(7), had_before.next_had, 0)"
	// NULL for posts of which it isn't known.
	rate  = engagements + " / nullIf(" + followers + ", 0)"
	grown = "if(" + wasKnown + " AND had_after.read_at > ts AND had_after.of_following = had_before.of_following, toInt64(had_after.had) - toInt64(had_before.had), NULL)"

	engagements = "if(coalesce(likes, comments, reposts) IS NULL, NULL, ifNull(likes, 0) + ifNull(comments, 0) + ifNull(reposts, 0))"

	// followed: the post leads to the blog, visits by it could be told from
	// others, and readers were recorded by then.
	followed = "page != '' AND (share_id != '' OR has({networks:Array(String)}, network)) AND ts >= (SELECT min(hour) FROM totals_hourly WHERE site_id = {site:UInt32} HAVING count() > 0)"
)

// claims gives each visit to one post at most. What may claim a visit is
// every post of the site, whatever the query filters, those published in
// the 7 days around the range too: a visit may be theirs.
//
// A link is a share ID, or else a page. A visit belongs to the last post with the
// link that it came by: to one of the network that it came from, or, as a share ID
// is a post's own, to one elsewhere. Of posts of the same second, that is the first
// by account and ID. Which visits are read, what was ever said of posts decides: it
// is more than enough. The posts stand there twice only, as ClickHouse analyses
// them anew wherever they stand.
//
// A visit has one entry row. Those by a share, and shares, are in the small table
// sharing; of the others, the columns that cost little are read first.
var claims = `LEFT JOIN
(
    SELECT claim, count() AS visits, sum(shared) AS shares
    FROM
    (
        SELECT
            shared.times AS shared,
            multiIf(
                here.since > came.at - toIntervalDay(7), here.id,
                came.by_share AND anywhere.since > came.at - toIntervalDay(7), anywhere.id,
                0) AS claim
        FROM
        (
            SELECT false AS by_share, entry_path AS link, ` + ofNetwork + ` AS network, ts AS at, visit
            FROM events
            PREWHERE ` + meanwhile + ` AND entry = 1 AND source IN {sources:Array(String)}
            WHERE (SELECT count() > 0 FROM ` + pointing + `) AND via_share = '' AND entry_path IN (SELECT page FROM ` + pointing + `)
            UNION ALL
            SELECT true AS by_share, via_share AS link, ` + ofNetwork + ` AS network, ts AS at, visit
            FROM sharing
            WHERE ` + meanwhile + ` AND entry = 1 AND via_share != '' AND via_share IN (SELECT share_id FROM ` + pointing + `)
        ) AS came
        ASOF LEFT JOIN ` + linking("network") + ` AS here
            ON here.key = cityHash64(came.by_share, came.link, came.network) AND here.since <= came.at
        ASOF LEFT JOIN ` + linking() + ` AS anywhere
            ON anywhere.key = cityHash64(came.by_share, came.link) AND anywhere.since <= came.at
        LEFT JOIN (SELECT visit, count() AS times FROM sharing WHERE ` + meanwhile + ` AND name = 'share' GROUP BY visit) AS shared
            ON shared.visit = came.visit
    )
    GROUP BY claim
) AS brought ON brought.claim = cityHash64(post_rows.network, post_rows.account, post_rows.post)`

const (
	// meanwhile are the days in which visits can be those of a post of the range.
	meanwhile = "site_id = {site:UInt32} AND day >= toDate({from:DateTime64(3, 'UTC')}) AND day <= toDate({to:DateTime64(3, 'UTC')} + toIntervalDay(8))"

	// ofNetwork is the network that a visit's source is, '' for none.
	ofNetwork = "transform(source, {sources:Array(String)}, {networks:Array(String)}, '')"
)

// pointing is whatever was said of posts that lead to the blog.
const pointing = "post_figures WHERE site_id = {site:UInt32} AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND page != ''"

// linking are the posts by their links, one of each link, second and further
// column. What is compared is a number made of them, as is what tells the post:
// there are many visits, and numbers cost less than texts.
func linking(by ...string) string {
	return `(
            SELECT cityHash64(` + strings.Join(append([]string{"by.1", "by.2"}, by...), ", ") + `) AS key, cityHash64(network, account, post) AS id, toDateTime64(ts, 3, 'UTC') AS since
            FROM ` + strings.ReplaceAll(postsWith("page", "share_id"), "\n", "\n            ") + `
            ARRAY JOIN if(share_id = '', [(false, page)], [(false, page), (true, share_id)]) AS by
            WHERE page != '' AND ts >= {from:DateTime64(3, 'UTC')} - toIntervalDay(7) AND ts < {to:DateTime64(3, 'UTC')} + toIntervalDay(7)
            ORDER BY account, post
            LIMIT 1 BY key, since
        )`
}

// postFacts are the posts of the accounts.
var postFacts = Facts{
	Entry: event.Posts.About(), Rows: PostRows + " AS post_rows", Awaits: AwaitsPosts, Sources: true,
	parts: postParts, metrics: postMetrics, dimensions: postDimensions,
}

// postParts are the aggregates over posts.
var postParts = []Part{
	{Name: "posts", SQL: "toInt64(count())"},
	summed("post_likes", "likes"),
	summed("post_comments", "comments"),
	summed("post_reposts", "reposts"),
	summed("post_views", "views"),
	summed("post_engagements", engagements),
	{Name: "posts_with_likes", SQL: "count(likes)"},
	{Name: "posts_with_comments", SQL: "count(comments)"},
	{Name: "posts_with_reposts", SQL: "count(reposts)"},
	{Name: "mean_rate", Joins: []string{before}, SQL: "avg(" + rate + ")"},
	{Name: "mean_gained_after", Joins: []string{before, after}, SQL: "avg(" + grown + ")"},
	{Name: "post_visits", Joins: []string{claims}, SQL: "toInt64(sumOrNullIf(brought.visits, " + followed + "))"},
	{Name: "post_shares", Joins: []string{claims}, SQL: "toInt64(sumOrNullIf(brought.shares, " + followed + "))"},
	{Name: "posts_followed", SQL: "countIf(" + followed + ")"},
}

// summed adds up a figure over the posts whose network tells it.
func summed(name, column string) Part {
	return Part{Name: name, SQL: "toInt64(sum(" + column + "))"}
}

const kaushik = "Kaushik 2011, “Best Social Media Metrics”"

// postMetrics are the figures of posts, in the order of the docs.
var postMetrics = []Metric{
	{
		Name: "posts", Title: text.Text{EN: "Posts", FR: "Publications"}, Unit: Count, Empty: Unknown,
		Doc: text.Text{
			EN: "Posts of the followed accounts that were published in the period. Without any the figure is unknown, not 0: nobody can tell an account that was silent from one whose posts are not read.",
			FR: "Publications des comptes suivis parues dans la période. S’il n’y en a aucune, le nombre est inconnu et non nul : rien ne distingue un compte silencieux d’un compte dont les publications ne sont pas lues.",
		},
		Formula: "posts with a reading", Source: toldByNetworks,
		Parts: []string{"posts"}, SQL: "nullIf(p.posts, 0)",
	},
	postSum("post_likes", text.Text{EN: "Likes", FR: "Mentions J’aime"}, text.Text{EN: "likes", FR: "mentions J’aime"}),
	postSum("post_comments", text.Text{EN: "Comments", FR: "Commentaires"}, text.Text{EN: "comments", FR: "commentaires"}),
	postSum("post_reposts", text.Text{EN: "Reposts", FR: "Republications"}, text.Text{EN: "reposts and quotes", FR: "republications et citations"}),
	postSum("post_views", text.Text{EN: "Views there", FR: "Vues sur place"}, text.Text{EN: "views on the network", FR: "vues sur le réseau"}),
	{
		Name: "post_engagements", Title: text.Text{EN: "Engagements", FR: "Interactions"}, Unit: Count, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Likes, comments and reposts of the posts published in the period, of each the last that its network told. What a network doesn’t tell is left out; a post of which it tells none of the three is unknown.",
			FR: "Mentions J’aime, commentaires et republications des publications de la période, d’après le dernier relevé de chacune. Ce qu’un réseau ne dit pas n’y est pas ; s’il n’en dit rien, c’est inconnu.",
		},
		Formula: "likes + comments + reposts", Source: toldByNetworks,
		Parts: []string{"post_engagements"}, SQL: "p.post_engagements",
	},
	{
		Name: "applause", Title: text.Text{EN: "Applause", FR: "Applaudissements"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Likes of an average post, of the posts whose network tells them.",
			FR: "Mentions J’aime d’une publication moyenne, parmi celles dont le réseau les dit.",
		},
		Formula: "post_likes ÷ posts with known likes", Source: kaushik + ", applause rate",
		Parts: []string{"post_likes", "posts_with_likes"}, SQL: "if(p.posts_with_likes > 0, round(p.post_likes / p.posts_with_likes, 2), NULL)",
	},
	{
		Name: "conversation", Title: text.Text{EN: "Conversation", FR: "Conversation"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Comments on an average post, of the posts whose network tells them.",
			FR: "Commentaires d’une publication moyenne, parmi celles dont le réseau les dit.",
		},
		Formula: "post_comments ÷ posts with known comments", Source: kaushik + ", conversation rate",
		Parts: []string{"post_comments", "posts_with_comments"}, SQL: "if(p.posts_with_comments > 0, round(p.post_comments / p.posts_with_comments, 2), NULL)",
	},
	{
		Name: "post_amplification", Title: text.Text{EN: "Amplification", FR: "Amplification"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Reposts of an average post, of the posts whose network tells them. Of the field’s two meanings of amplification this is shares ÷ posts, not shares ÷ followers; the readers whom sharing on the blog makes of each reader are the metric amplification.",
			FR: "Republications d’une publication moyenne, parmi celles dont le réseau les dit. Des deux sens courants d’amplification, c’est partages ÷ publications et non partages ÷ abonnés ; les lecteurs que le partage fait de chaque lecteur du blog sont l’indicateur amplification.",
		},
		Formula: "post_reposts ÷ posts with known reposts", Source: kaushik + ", amplification rate",
		Parts: []string{"post_reposts", "posts_with_reposts"}, SQL: "if(p.posts_with_reposts > 0, round(p.post_reposts / p.posts_with_reposts, 2), NULL)",
	},
	{
		Name: "engagement_by_followers", Title: text.Text{EN: "Engagement by followers", FR: "Interactions par abonné"}, Unit: Percent, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Engagements of an average post as a part of its account’s followers: 30 engagements of 3 posts to 500 followers are 2 %. Followers are those of the last reading before the post, or else of the first after it, 7 days away at most; posts without one, or without a known engagement, are left out.",
			FR: "Interactions d’une publication moyenne, en part des abonnés de son compte : 30 interactions pour 3 publications et 500 abonnés font 2 %. Les abonnés sont ceux du dernier relevé avant la publication, sinon du premier après, à 7 jours au plus ; sans relevé ou sans interaction connue, la publication ne compte pas.",
		},
		Formula: "engagements ÷ posts ÷ followers × 100, the mean over posts", Source: "Popsters, Hootsuite (ER by followers)",
		Parts: []string{"mean_rate"}, SQL: "round(100 * p.mean_rate, 2)",
	},
	{
		Name: "post_visits", Title: text.Text{EN: "Visits brought", FR: "Visites amenées"}, Unit: Count, Good: UpIsGood, Empty: Unknown, Awaits: AwaitsPostVisits,
		Doc: text.Text{
			EN: "Visits that posts brought to the blog within 7 days of publication. A visit through the share ID in a post’s link is that post’s; one without, whose source is the post’s network and that entered on the page it links to, is the latest post’s on that network to that page. Where several posts carry the same ID, one on the visit’s source comes first, then the latest. So no visit counts for two posts. Unknown for posts that don’t link to the blog, whose network is no known source, or that came before the blog was measured.",
			FR: "Visites amenées au blog par les publications, dans les 7 jours qui les suivent. Une visite par l’identifiant de partage du lien revient à sa publication ; sans identifiant, une visite venue du réseau et entrée par la page liée revient à la dernière publication de ce réseau vers cette page. Si plusieurs portent le même identifiant, c’est celle de la source de la visite, puis la plus récente. Nulle visite ne compte donc deux fois. Inconnu sans lien vers le blog, si le réseau n’est pas une source connue, ou avant la mesure du blog.",
		},
		Formula: "visits given to posts published in the period", Source: earshot,
		Parts: []string{"post_visits"}, SQL: "p.post_visits",
	},
	{
		Name: "visits_per_post", Title: text.Text{EN: "Visits per post", FR: "Visites par publication"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown, Awaits: AwaitsPostVisits,
		Doc: text.Text{
			EN: "Visits that an average post brought, of the posts for which they can be known.",
			FR: "Visites amenées par une publication moyenne, parmi celles pour lesquelles on peut le savoir.",
		},
		Formula: "post_visits ÷ posts with known visits", Source: earshot,
		Parts: []string{"post_visits", "posts_followed"}, SQL: "if(p.posts_followed > 0, round(p.post_visits / p.posts_followed, 2), NULL)",
	},
	{
		Name: "post_shares", Title: text.Text{EN: "Shares in those visits", FR: "Partages pendant ces visites"}, Unit: Count, Good: UpIsGood, Empty: Unknown, Awaits: AwaitsPostVisits,
		Doc: text.Text{
			EN: "Shares made on the blog in the visits that posts brought.",
			FR: "Partages faits sur le blog pendant les visites amenées par les publications.",
		},
		Formula: "shares in the visits of post_visits", Source: earshot,
		Parts: []string{"post_shares"}, SQL: "p.post_shares",
	},
	{
		Name: "followers_after", Title: text.Text{EN: "Followers won in the 7 days after", FR: "Abonnés gagnés dans les 7 jours"}, Unit: Ratio, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "Net new followers of the account within 7 days of an average post: the last reading of those days less the last before the post, at most 7 days old. It goes with the post; whether the post is the cause, nobody can tell. A mean, never a sum: the days of two posts overlap. Unknown without a reading on both sides.",
			FR: "Abonnés gagnés par le compte, net, dans les 7 jours après une publication moyenne : le dernier relevé de ces jours moins le dernier d’avant, vieux de 7 jours au plus. Cela accompagne la publication ; nul ne sait si elle en est la cause. Une moyenne, jamais une somme : les jours de deux publications se recouvrent. Inconnu sans relevé des deux côtés.",
		},
		Formula: "(last reading in the 7 days after − last reading before) ÷ posts with both", Source: earshot,
		Parts: []string{"mean_gained_after"}, SQL: "round(p.mean_gained_after, 2)",
	},
}

const toldByNetworks = "what the networks say"

// postSum is a figure of posts that networks tell.
func postSum(name string, title, of text.Text) Metric {
	return Metric{
		Name: name, Title: title, Unit: Count, Good: UpIsGood, Empty: Unknown,
		Doc: text.Text{
			EN: "The " + of.EN + " of the posts published in the period, of each the last that its network told; they go on growing after the period. Unknown where the network doesn’t say.",
			FR: "Les " + of.FR + " des publications de la période, d’après le dernier relevé de chacune ; elles augmentent encore après la période. Inconnu si le réseau ne le dit pas.",
		},
		Formula: "sum over posts of the last reading", Source: toldByNetworks,
		Parts: []string{name}, SQL: "p." + name,
	}
}

// postDimensions are what posts alone are grouped by.
var postDimensions = []Dimension{
	{
		Name: "post:id", Title: text.Text{EN: "Post’s ID", FR: "Identifiant de la publication"}, Empty: unknown,
		Doc: text.Text{EN: "The post itself: network/account/ID on the network.", FR: "La publication elle-même : réseau/compte/identifiant sur le réseau."},
		SQL: "concat(network, '/', account, '/', post)",
	},
	{
		Name: "post:text", Title: text.Text{EN: "Post", FR: "Publication"}, Empty: text.Text{EN: "(no text)", FR: "(sans texte)"},
		Doc: text.Text{EN: "Beginning of the post’s text.", FR: "Début du texte de la publication."},
		SQL: "text",
	},
	{
		Name: "post:url", Title: text.Text{EN: "Post’s address", FR: "Adresse de la publication"}, Empty: unknown,
		Doc: text.Text{EN: "Address of the post on its network.", FR: "Adresse de la publication sur son réseau."},
		SQL: "url",
	},
	{
		Name: "post:published", Title: text.Text{EN: "Published", FR: "Publié le"}, Empty: unknown,
		Doc: text.Text{EN: "When the post was published, in the site’s time zone.", FR: "Date et heure de publication, dans le fuseau du site."},
		SQL: "formatDateTime(ts, '%Y-%m-%d %H:%i:%S', {tz:String})",
	},
	{
		Name: "post:page", Title: text.Text{EN: "Page that it links to", FR: "Page liée"}, Empty: none,
		Doc: text.Text{EN: "Path of the blog’s page that the post links to.", FR: "Chemin de la page du blog vers laquelle mène la publication."},
		SQL: "page",
	},
}
