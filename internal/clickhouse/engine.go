package clickhouse

import (
	"fmt"
	"regexp"
	"strings"
)

// A file of the schema names what its table is, and the program renders the
// engine for where it runs:
//
//	ENGINE = facts                  rows that are added and stay
//	ENGINE = states                 of one key, aggregated states are merged
//	ENGINE = sums(hits)             of one key, that column is summed
//	ENGINE = replacing              of one key, the last row stays,
//	ENGINE = replacing(recorded)    or the one with the highest of that column
//
// SHARDED BY and a column behind it says which shard of a cluster has a row. A
// table without it is filled by a view, each shard's from its own rows. The
// statements of a file end with a semicolon at the end of a line, and have no
// SETTINGS of their own.
var mergeTrees = map[string]string{
	"facts": "MergeTree", "states": "AggregatingMergeTree", "sums": "SummingMergeTree", "replacing": "ReplacingMergeTree",
}

const (
	// dedupWindow is how many inserts' tokens a table remembers; see insert.
	dedupWindow = 10_000
	// A cluster forgets by time as well, and with ClickHouse's own hour, a batch
	// that waited out a failure would count twice.
	dedupSeconds = 30 * 24 * 60 * 60
)

var (
	comments    = regexp.MustCompile(`(?m)^\s*--.*\n`)
	createTable = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)\s`)
	engine      = regexp.MustCompile(`(?m)^ENGINE = (\w+)(?:\((\w+)\))?(?: SHARDED BY (\w+))?$`)
	alterColumn = regexp.MustCompile(`^ALTER TABLE (\w+)(\s+(?:ADD|DROP|MODIFY|RENAME) COLUMN\s)`)
)

// A cluster has the tables and their views in one database on each host, and
// in another, for questions, tables of the same names over those of all hosts.
type cluster struct {
	name      string // in the servers' remote_servers
	database  string
	questions string
}

// statements are those of a file, in order, rendered for one server, or where
// on is not nil for each host of a cluster.
func statements(text string, on *cluster) ([]string, error) {
	var all []string
	for s := range strings.SplitSeq(comments.ReplaceAllString(text, ""), ";\n") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		rendered, err := render(s, on)
		if err != nil {
			return nil, err
		}
		all = append(all, rendered...)
	}
	return all, nil
}

func render(s string, on *cluster) ([]string, error) {
	table := createTable.FindStringSubmatch(s)
	if table == nil {
		if altered := alterColumn.FindStringSubmatch(s); altered != nil && on != nil {
			return []string{s, "ALTER TABLE " + on.questions + "." + strings.TrimPrefix(s, "ALTER TABLE ")}, nil
		}
		return []string{s}, nil
	}
	name, kind := table[1], engine.FindStringSubmatch(s)
	if kind == nil || mergeTrees[kind[1]] == "" {
		return nil, fmt.Errorf("table %s: no ENGINE = that says what it is: facts, states, sums(column) or replacing(column)", name)
	}
	mergeTree, column, shard := mergeTrees[kind[1]], kind[2], kind[3]
	with := func(made, settings string) string {
		return engine.ReplaceAllLiteralString(s, "ENGINE = "+made) + "\nSETTINGS " + settings
	}
	if on == nil {
		if column != "" {
			mergeTree += "(" + column + ")"
		}
		return []string{with(mergeTree, fmt.Sprintf("non_replicated_deduplication_window = %d", dedupWindow))}, nil
	}
	// The path is spelled out: one made up by the server would be another on
	// each host, and nothing would be replicated.
	made := fmt.Sprintf("Replicated%s('/clickhouse/tables/{shard}/%s/%s', '{replica}'", mergeTree, on.database, name)
	if column != "" {
		made += ", " + column
	}
	local := with(made+")", fmt.Sprintf("replicated_deduplication_window = %d, replicated_deduplication_window_seconds = %d", dedupWindow, dedupSeconds))
	over := fmt.Sprintf("'%s', '%s', '%s'", on.name, on.database, name)
	if shard != "" {
		over += ", " + shard
	}
	return []string{local, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s.%s AS %s.%s\nENGINE = Distributed(%s)", on.questions, name, on.database, name, over)}, nil
}
