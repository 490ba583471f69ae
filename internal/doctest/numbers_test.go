package doctest

import (
	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/social"
	"github.com/earshot-analytics/earshot/internal/turn"
)

// number says where a number of the docs comes from. In text it stands in
// brackets as the docs have it, its unit included; what is around it is there
// to find it. Each number in brackets has one origin, in the order of both.
type number struct {
	file, text string
	from       []origin
}

// origin is a constant by its folder and name, such as
// internal/collect.maxBody, with a factor before it where need be (24 *
// internal/meta.saltDays); a whole number; a function that finds it out; or
// nothing.
type origin any

func from(list ...origin) []origin { return list }

// nothing is the origin of a number that the program does not decide: one that
// was measured, somebody else's, an example.
type nothing struct{}

// Where many of them are.
const (
	collect  = "internal/collect."
	event    = "internal/event."
	growth   = "internal/growth."
	receipts = "internal/spool/receipts."
	query    = "internal/query."
	networks = "internal/social."
	server   = "internal/server."
	spool    = "internal/spool."
	write    = "internal/write."
)

var numbers = []number{
	{"README.md", "[eighteen] networks and newsletters read every [six hours]", from(len(social.Connectors()), networks+"PollEvery")},
	{"README.md", "Go [1.26], Node [20]", from(inFile("go.mod", `(?m)^go (1\.\d+)`, 1), inFile("package.json", `"node": ">=(\d+)"`, 1))},
	{"README.md", "It is under [1,500] bytes", from(budget("earshot.js"))},
	{"README.md", "CC BY [4.0]", from(nothing{})},

	{"docs/architecture.md", "carried forward for [7 days], or for as long as a column of the chart is, up to [31 days]", from(query+"minCarry", query+"maxCarry")},
	{"docs/architecture.md", "under a salt that lives for [two] days", from("internal/meta.saltDays")},
	{"docs/architecture.md", "keeps what it would change in `earshot.db`, for [a day]", from("internal/meta.previewLife")},
	{"docs/architecture.md", "`entry` is [1] on the first event of a visit, `bounce` is +[1] there if it shows no interest and −[1] on", from(1, 1, 1)},
	{"docs/architecture.md", "idempotency keys of the last [day]", from(receipts + "Life")},

	{"docs/batches.md", "at most [10,000] events and [5 MiB]", from(collect+"maxBatchEvents", collect+"maxBatch")},
	{"docs/batches.md", "RFC [3339]", from(nothing{})},
	{"docs/batches.md", "At most [24 hours] ago; up to [5 minutes] in the future", from(collect+"maxLate", collect+"maxAhead")},
	{"docs/batches.md", "in the array (from [0]) or its `line` (from [1])", from(0, 1)},
	{"docs/batches.md", "([1] to [255] printable characters", from(1, collect+"maxKey")},
	{"docs/batches.md", "from the same token within [24 hours]", from(receipts + "Life")},

	{"docs/configuration.md", "events a second from one address, [five seconds]' worth at once; [0] is no limit", from(collect+"burstSeconds", 0)},
	{"docs/configuration.md", "that begin from one address, [2,500] at once", from(visitsBurst)},
	{"docs/configuration.md", "connections open at once; [0], or more than that, is", from(0)},
	{"docs/configuration.md", "of IPv6 from one /[64]; [0] is no limit", from(64, 0)},
	{"docs/configuration.md", "keeps its heap to [240 MiB]", from("cmd/earshot/app.leastMemory")},
	{"docs/configuration.md", "of one session, token or address | [5]; [4] | [3]; [2] | [3]; [2] |", from(
		clickhouse.DefaultTurns()[turn.User].Places, clickhouse.DefaultTurns()[turn.User].Each,
		clickhouse.DefaultTurns()[turn.Token].Places, clickhouse.DefaultTurns()[turn.Token].Each,
		clickhouse.DefaultTurns()[turn.Stranger].Places, clickhouse.DefaultTurns()[turn.Stranger].Each)},
	{"docs/configuration.md", "that wait; of one | [500]; [100] | [100]; [20] | [500]; [100] |", from(
		clickhouse.DefaultTurns()[turn.User].Queue, clickhouse.DefaultTurns()[turn.User].Line,
		clickhouse.DefaultTurns()[turn.Token].Queue, clickhouse.DefaultTurns()[turn.Token].Line,
		clickhouse.DefaultTurns()[turn.Stranger].Queue, clickhouse.DefaultTurns()[turn.Stranger].Line)},
	{"docs/configuration.md", "look-ups have [four] places more", from(clickhouse.DefaultTurns()[turn.Program].Places)},
	{"docs/configuration.md", "| answers under way; of one | [256]; [64] | [64]; [16] | [128]; [32] |", from(
		answers("User", "Places"), answers("User", "Each"), answers("Token", "Places"), answers("Token", "Each"), answers("Stranger", "Places"), answers("Stranger", "Each"))},
	{"docs/configuration.md", "temporary files of answers; of one | [512 MiB]; [256 MiB] | [512 MiB]; [256 MiB] | [128 MiB]; [128 MiB] |", from(
		server+"answersUsers", server+"answersAsker", server+"answersUsers", server+"answersAsker", server+"answersPublic", server+"answersPublic")},
	{"docs/configuration.md", "held until something happens; of one | [256]; [4] | none | [128]; [16] |", from(
		held("User", "Places"), held("User", "Each"), held("Stranger", "Places"), held("Stranger", "Each"))},
	{"docs/configuration.md", "find no place asks for them every [2 seconds]", from(inFile("web/static/js/dashboard/live.js", `UNHELD = (\d+)`, 1000))},
	{"docs/configuration.md", "longer than [64 KiB] waits in `DATA/answers`", from(server + "answerMemory")},
	{"docs/configuration.md", "one is [128 MiB] at most", from(server + "answerMost")},
	{"docs/configuration.md", "has [30 seconds] to take some [64 KiB], and [an hour] for an answer", from(server+"writeStall", server+"writePiece", server+"writeWhole")},
	{"docs/configuration.md", "Answers from [1 KiB] on are compressed", from(server + "compressFrom")},
	{"docs/configuration.md", "A panel may take [30 seconds], a question of the Stats API [60],", from(server+"panelTimeout", server+"statsTimeout")},
	{"docs/configuration.md", "It holds for [a day], works once", from("internal/meta.setupLife")},
	{"docs/configuration.md", "| exit [0] when a server is ready |", from(0)},
	{"docs/configuration.md", "Exit codes: [0] done, [1] not done (with a sentence on the standard error), [2] a command line", from(0, 1, 2)},

	{"docs/connectors.md", "every [six hours], and keeps each reading", from(networks + "PollEvery")},
	{"docs/connectors.md", "subscribers (≈ above [1,000])", from(networks + "youtubeExact")},
	{"docs/connectors.md", "YouTube rounds down to three digits above [1,000]", from(networks + "youtubeExact")},
	{"docs/connectors.md", "views of the [20] newest", from(networks + "threadsPosts")},
	{"docs/connectors.md", "crossposts as reposts of the [25] newest", from(networks + "redditPosts")},
	{"docs/connectors.md", "last [60] days and are renewed every [week]", from(nothing{}, networks+"renewEvery")},
	{"docs/connectors.md", "Instagram with Facebook Login last [60] days, those of Pinterest [30]", from(nothing{}, nothing{})},
	{"docs/connectors.md", "refresh token lasts [180] days", from(nothing{})},
	{"docs/connectors.md", "the [40] newest of the last [90 days]", from(networks+"maxPosts", networks+"postAge")},
	{"docs/connectors.md", "the first [280] characters of its text", from(event + "MaxPostText")},
	{"docs/connectors.md", "of which the first [280] characters are kept", from(event + "MaxPostText")},
	{"docs/connectors.md", "is unknown, not [0]", from(0)},
	{"docs/connectors.md", "is unknown, never [0]", from(0)},
	{"docs/connectors.md", "Pixelfed answers [0] either way, so a [0] from", from(0, 0)},
	{"docs/connectors.md", "Pages with [100] likes or more", from(nothing{})},
	{"docs/connectors.md", "Earshot reads at most [40] a day", from(networks + "maxPosts")},
	{"docs/connectors.md", "Every [6 hours] an account, give or take [10 %]", from(networks+"PollEvery", networks+"jitterPercent")},
	{"docs/connectors.md", "again after [5 minutes], then twice as long each time, up to [24 hours]", from(networks+"firstRetry", networks+"lastRetry")},
	{"docs/connectors.md", "bounded to [1 MiB], a reading to [30 seconds], one of posts to [a minute] and [three] pages, redirects to [three]",
		from(networks+"maxAnswer", networks+"readTimeout", networks+"postTimeout", networks+"maxPages", networks+"maxRedirects")},
	{"docs/connectors.md", "at [95 %] of the allowance it rests for [an hour]", from(networks+"graphFull", networks+"graphRest")},
	{"docs/connectors.md", "time of [24] or [12] hours", from(nothing{}, nothing{})},
	{"docs/connectors.md", "it is kept for [a day]", from("internal/meta.previewLife")},
	{"docs/connectors.md", "At most [1,000,000] lines", from("internal/imports.MaxRows")},
	{"docs/connectors.md", "by line and column, up to [100]", from("internal/imports.MaxErrors")},
	{"docs/connectors.md", "ID of the post, up to [500] characters", from(networks + "MaxPostID")},
	{"docs/connectors.md", "the files of before [2024]", from(nothing{})},
	{"docs/connectors.md", "with `_` between words, [60] characters at most", from(event + "MaxInsightName")},
	{"docs/connectors.md", "`Connector` ([five] methods)", from(methods)},

	{"docs/followers.md", "[Eighteen] networks", from(len(social.Connectors()))},
	{"docs/followers.md", "never a [0]", from(0)},

	{"docs/growth.md", "before a [fifth] of the period has passed", from(growth + "LeastPart")},
	{"docs/growth.md", "where a one-sided t-test of the slope through the whole periods' rates says so at [5 %]", from(growth + "sure")},
	{"docs/growth.md", "A reading stands for its account for [7 days], or for as long as the period up to [31 days]", from(query+"minCarry", query+"maxCarry")},
	{"docs/growth.md", "how many accounts were read in the last [two days]", from("internal/panel.fresh")},
	{"docs/growth.md", "The latest [24] periods", from(growth + "Window")},
	{"docs/growth.md", "further from the median change than [six] standard deviations (told from the median absolute deviation), than [0.2],", from(nothing{}, growth+"leastJump")},
	{"docs/growth.md", "while fewer than [six] rates have followed it", from(growth + "MinIntervals")},
	{"docs/growth.md", "all sizes lie within [2 %]", from(growth + "Near")},
	{"docs/growth.md", "(a one-sided t-test of their mean at [5 %])", from(growth + "sure")},
	{"docs/growth.md", "[Three] growth rates** are the least for a fit; **[six]** for a forecast", from(growth+"MinRates", growth+"MinIntervals")},
	{"docs/growth.md", "a one-sided t-test of the slope at [5 %]", from(growth + "sure")},
	{"docs/growth.md", "ended within [2 %] of the level", from(growth + "Near")},
	{"docs/growth.md", "holds what comes in [80] of 100 cases", from(growth + "Confidence")},
	{"docs/growth.md", "by [2,000] drawn futures", from(growth + "draws")},

	{"docs/operations.md", "wait in the spool, up to [4 GiB]", from(spool + "defaultMaxBytes")},
	{"docs/operations.md", "when [8 MiB] wait for it", from(spool + "maxPending")},
	{"docs/operations.md", "salts are overwritten after [48] hours", from("24 * internal/meta.saltDays")},
	{"docs/operations.md", "spooled every [five seconds]", from(collect + "flushEvery")},
	{"docs/operations.md", "is dropped: [half an hour] after the last event", from(event + "VisitTimeout")},
	{"docs/operations.md", "(six minutes under load on each of the three stores, on two cores that had other work): [1,121,681] events acknowledged through [489] faults, none lost and none doubled; [1,692]", from(nothing{}, nothing{}, nothing{})},
	{"docs/operations.md", "at [300] events a second and with a `kill -9` in the middle: [180,000] events acknowledged, none lost and none doubled; [187,000]", from(nothing{}, nothing{}, nothing{})},
	{"docs/operations.md", "remembers the last [10,000] inserts", from("internal/clickhouse.dedupWindow")},
	{"docs/operations.md", "before the others have made [10,000] inserts", from("internal/clickhouse.dedupWindow")},
	{"docs/operations.md", "A password has [10] to [1,024] bytes", from("internal/meta.MinPassword", "internal/meta.MaxPassword")},
	{"docs/operations.md", "A session ends after [30 days], or after [7 days] without a visit", from(server+"sessionLife", server+"sessionIdle")},
	{"docs/operations.md", "| tries from one network (one address, of IPv6 one /[64]) | [20], one more every [15 s] |", from(64, throttle("network", 1), throttle("network", 2))},
	{"docs/operations.md", "| tries at one account from one network | [8], one more every [minute] |", from(throttle("account", 1), throttle("account", 2))},
	{"docs/operations.md", "that signed in to it before | [8], one more every [minute];", from(throttle("account", 1), throttle("account", 2))},
	{"docs/operations.md", "| e-mail address | [254] bytes |", from("internal/meta.MaxEmail")},
	{"docs/operations.md", "wait for [5 s], [64] of each, [4] of a stranger's network;", from(server+"passwordWait", passwords("Queue"), passwords("Line"))},
	{"docs/operations.md", "counts in memory, by hash | [20,000] |", from(server + "maxBuckets")},
	{"docs/operations.md", "stops it within [ten seconds]", from("internal/faulttest.stopPromise")},
	{"docs/operations.md", "behind by more than [30 seconds]", from("cmd/earshot/app.behind")},
	{"docs/operations.md", "Last event [3 s] ago", from(nothing{})},
	{"docs/operations.md", "`earshot_write_lag_seconds` above [60],", from(nothing{})},
	{"docs/operations.md", "above [0],", from(0)},
	{"docs/operations.md", "| connections | [10,000] at once (`--limit-connections`), [500] from one address (of IPv6, one /[64]; `--limit-connections-address`); [100] at the port of the metrics |",
		from(rate("limit-connections\""), rate("limit-connections-address\""), 64, "cmd/earshot/app.metricsConnections")},
	{"docs/operations.md", "where none has waited for [half a second]", from("internal/connections.grace")},
	{"docs/operations.md", "| silence of a connection | [10 s] before its first request, [2 minutes] between two |", from("internal/lane.defaultWhole", "internal/lane.defaultIdle")},
	{"docs/operations.md", "beyond [4 KiB] that each may have: [32 MiB] together, [2 MiB] from one address",
		from("internal/connections.freeHead", "internal/connections.maxHeads", "internal/connections.maxHeadsOfOne")},
	{"docs/operations.md", "| headers of a request | [64 KiB], within [10 s]", from("cmd/earshot/app.maxHeader", "cmd/earshot/app.headerTimeout")},
	{"docs/operations.md", "| body of an event | [1 MiB], within [10 s]", from(collect+"maxBody", collect+"slowest")},
	{"docs/operations.md", "| body of a batch | [5 MiB], also inflated, within [60 s]; [10,000] events; [8 MiB]", from(collect+"maxBatch", collect+"slowestBatch", collect+"maxBatchEvents", collect+"maxBatchRecords")},
	{"docs/operations.md", "| bodies of all requests | [64 MiB] together, [16 MiB] of events from one address, beyond [4 KiB]", from(collect+"maxBodies", collect+"maxBodiesOfOne", collect+"freeBody")},
	{"docs/operations.md", "| batches worked on | [4] at once | wait [5 s]", from(collect+"maxBatches", collect+"batchWait")},
	{"docs/operations.md", "while a batch comes | [150,000] | the batch waits [a second]", from(collect+"maxBehind", collect+"paceWait")},
	{"docs/operations.md", "| page URL, without its query | [2,000] bytes", from(event + "MaxURL")},
	{"docs/operations.md", "| referrer, without its query | [2,000] bytes", from(event + "MaxReferrer")},
	{"docs/operations.md", "and of searches | [20] each", from(event + "MaxParams")},
	{"docs/operations.md", "| words of a search | [200] bytes", from("internal/enrich.maxWords")},
	{"docs/operations.md", "| event name | [120] characters", from(event + "MaxName")},
	{"docs/operations.md", "| properties | [30]; keys of [300], values of [2,000] bytes", from(event+"MaxProps", event+"MaxPropKey", event+"MaxPropValue")},
	{"docs/operations.md", "| sites of an event | [20], each once", from(collect + "maxDomains")},
	{"docs/operations.md", "one /[64]) | [100] a second, [500] at once (`--limit-address`)", from(64, rate("LimitAddress"), burst("LimitAddress"))},
	{"docs/operations.md", "| events of one visitor | [20] a second, [100] at once", from(rate("LimitVisitor"), burst("LimitVisitor"))},
	{"docs/operations.md", "| events of one site | [50,000] a second, [250,000] at once", from(rate("LimitSite"), burst("LimitSite"))},
	{"docs/operations.md", "| visits that begin from one address | [5] a second, [2,500] at once (`--limit-visits`)", from(rate("LimitVisits"), visitsBurst)},
	{"docs/operations.md", "remembered for that | [100,000] each", from(collect + "maxLimited")},
	{"docs/operations.md", "engagement without a visit | [500,000] heard of lately", from(collect + "maxHeard")},
	{"docs/operations.md", "it isn't told for [half an hour]", from(event + "VisitTimeout")},
	{"docs/operations.md", "| idempotency keys | [500,000] within [24 hours]; [16 MiB]", from(receipts+"maxKeys", receipts+"Life", receipts+"maxErrors")},
	{"docs/operations.md", "until they are spooled every [5 s] | [10,000]", from(collect+"flushEvery", collect+"maxLeftOuts")},
	{"docs/operations.md", "| User-Agents remembered | [10,000]", from("internal/enrich.agentCache")},
	{"docs/operations.md", "gathered for one commit | [8 MiB]", from(spool + "maxPending")},
	{"docs/operations.md", "| spool on disk | [4 GiB]", from(spool + "defaultMaxBytes")},
	{"docs/operations.md", "| room on the disk | [256 MiB] or [5 %]", from(spool+"defaultMinFree", spool+"minFreePercent")},
	{"docs/operations.md", "| batch of the writer | [20,000] rows or [8 MiB]", from(write+"defaultMaxRows", write+"maxBatchBytes")},
	{"docs/operations.md", "visits that may go on | [500,000]; [160 MiB] with all their texts; [32] pages", from(write+"defaultMaxVisits", write+"visitsRoom", write+"maxViews")},
	{"docs/operations.md", "| a file of an import | [64 MiB] on the page; [1,000,000] lines and as many readings; [2,000] columns; [10,000,000] cells, in lines times columns; [1 MiB] in a line, [256 KiB] in a cell |",
		from(server+"maxImport", "internal/imports.MaxRows", "internal/csvfile.MaxColumns", "internal/imports.maxCells", "internal/csvfile.MaxLine", "internal/csvfile.MaxCell")},
	{"docs/operations.md", "| a log of an import | [4 GiB] unpacked; [5,000,000] readers,", from(inFile("internal/imports/feedlog.go", `maxLog int64 = (\d+) << 30`, 1.0/(1<<30)), networks+"mostReaders")},
	{"docs/operations.md", "| an import on the page | [3 minutes] for each step; [two] files at once, [one] for each user |", from("cmd/earshot/app.importLimit", importTurns("Places"), importTurns("Each"))},
	{"docs/operations.md", "where [20] wait,", from(importTurns("Queue"))},
	{"docs/operations.md", "| [100] bad lines, [300] characters of each |", from("internal/imports.MaxErrors", "internal/imports.maxEcho")},
	{"docs/operations.md", "| files looked at and not stored | [5] of a site, for [a day] |", from("internal/meta.keptOfSite", "internal/meta.previewLife")},
	{"docs/operations.md", "| a file of studies | [20,000] figures; [200] characters", from("internal/study.MaxRows", "internal/study.maxText")},
	{"docs/operations.md", "kept to be looked at | [64 MiB]", from(spool + "maxDamagedKept")},
	{"docs/operations.md", "about [27] bytes |", from(nothing{})},
	{"docs/operations.md", "some [100] MB for Earshot, under [300] MB at full load; [200] to [800] MB", from(nothing{}, nothing{}, nothing{}, nothing{})},
	{"docs/operations.md", "good for [100] million events", from(nothing{})},
	{"docs/operations.md", "may use [40 %] of `EARSHOT_CLICKHOUSE_MEMORY`", from("internal/clickhouse/embedded.queryPercent")},

	{"docs/shares.md", "[1,500] bytes, and [3,500] with rare markup", from(budget("earshot.js"), budget("earshot-share.js"))},

	{"docs/snippet.md", "at most [1,500] bytes in brotli", from(budget("earshot.js"))},
	{"docs/snippet.md", "at most [3,500] bytes in brotli", from(budget("earshot-share.js"))},
	{"docs/snippet.md", "`props` holds up to [30] texts", from(event + "MaxProps")},
	{"docs/snippet.md", "a refund below [0], with up to [three] decimals and nearer to [0] than [10¹²], in a currency of ISO [4217]", from(0, collect+"maxDecimals", 0, event+"MaxRevenue", nothing{})},
	{"docs/snippet.md", "in the last [30 seconds]", from(inFile("web/tracker/events.js", `Math\.min\(now - since, (\w+)\)`, 1000))},
	{"docs/snippet.md", "at most [200] bytes of them", from("internal/enrich.maxWords")},
	{"docs/snippet.md", "and [2,000] bytes are the bound of the address", from(event + "MaxURL")},
	{"docs/snippet.md", "left out in the last [24 hours]", from(nothing{})},
	{"docs/snippet.md", "an ID of [ten] characters", from("internal/enrich.shareIDLen")},

	{"docs/sources.md", "Up to [16 MiB] are read", from("internal/enrich.maxSpamList")},
	{"docs/sources.md", "Google Analytics [4]'s", from(nothing{})},

	{"docs/stats-api.md", "(RFC [4180]", from(nothing{})},
	{"docs/stats-api.md", "which stand for [0];", from(0)},
	{"docs/stats-api.md", `"limit": 10000, "offset": 0}` + "`; [10,000] is the most", from("internal/query/statsapi.defaultLimit")},
	{"docs/stats-api.md", "the last [24] hours", from(nothing{})},
	{"docs/stats-api.md", "any `Nd` up to `[9999]d`", from("internal/query/statsapi.maxDays")},
	{"docs/stats-api.md", "any `Nmo` up to `[600]mo`", from("internal/query/statsapi.maxMonths")},
	{"docs/stats-api.md", "They nest [8] deep", from(query + "maxDepth")},
	{"docs/stats-api.md", "among them | [100]; [10] |", from(query+"maxFilters", query+"maxDone")},
	{"docs/stats-api.md", "of all `contains` and `contains_not` | [1,000]; [2,000]; [200] |", from(query+"maxValues", query+"maxAllValues", query+"maxTexts")},
	{"docs/stats-api.md", "| bytes of a value | [4,000] |", from(query + "maxValueSize")},
	{"docs/stats-api.md", "`matches` and `matches_not` | [20] |", from(query + "maxPatterns")},
	{"docs/stats-api.md", "alternatives in it | [500]; [100] |", from(query+"maxPatternSize", query+"maxAlternatives")},
	{"docs/stats-api.md", "where one stands in another | [100] |", from(query + "maxRepeats")},
	{"docs/stats-api.md", "each repetition of one | [1,000] |", from(query + "maxSteps")},
	{"docs/stats-api.md", "| dimensions; metrics | [10]; [100] |", from(query+"maxDimensions", query+"maxMetrics")},
	{"docs/stats-api.md", "| bytes of the whole question | [1 MiB] |", from("internal/query/statsapi.MaxBody")},
	{"docs/stats-api.md", "passed [65,000] and is within about [1] %", from(query+"exactUpTo", nothing{})},
	{"docs/stats-api.md", "| ratios over nothing | [0] |", from(nothing{})},
	{"docs/stats-api.md", "| always [100] |", from(nothing{})},

	{"docs/metrics.md", "less than [30 minutes] between them", from(event + "VisitTimeout")},
	{"docs/metrics.md", "A reading stands for an account for [7 days], or for as long as the bucket is, up to [31 days]", from(query+"minCarry", query+"maxCarry")},
	{"docs/metrics.md", "are exact up to [65,000]", from(query + "exactUpTo")},
	{"docs/metrics.md", "were read: [15 seconds] of engaged time and three quarters", from(event + "ReadEngaged")},

	{"docs/performance.md", "[20,000] events or [a second], where [a thousand] have come", from(write+"defaultMaxRows", "2 * "+write+"defaultMaxWait", write+"crowd")},
	{"docs/performance.md", "its usual [768 MiB]", from("internal/clickhouse/embedded.DefaultMemoryLimit")},
	{"docs/performance.md", "where a panel has [30]", from(server + "panelTimeout")},
}

// Files in which not every number is in the list: they stand with the tests
// or programs that print them.
var notWhole = map[string]string{
	"docs/decisions.md":   "what was measured and held when it was decided",
	"docs/growth.md":      "worked examples, which TestGolden… has, and the table of TestBacktest",
	"docs/metrics.md":     "written from the registry",
	"docs/performance.md": "what make bench measured",
}
