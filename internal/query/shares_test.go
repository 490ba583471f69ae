package query_test

import (
	"strings"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
	"github.com/earshot-analytics/earshot/internal/query"
)

// What a page's shares brought is the same as a row of pages and under the
// page's filter: what entered there, not what came by it later.
func TestVisitsOfAPagesShares(t *testing.T) {
	db := chtest.New(t)
	onward := visit{id: 55, visitor: 5, start: at("2026-03-10 12:00:00"), hits: []hit{{path: "/b"}, {at: 1e9, path: "/a"}}}
	onward.stamp.ViaShare = "1aaaaaaaaa"
	insert(t, db, 1, append(small(), onward))
	metrics := strings.Fields("share_visits visits_per_share shares_per_sharer reshare_rate")
	// A page that nobody shared has no row among pages.
	for page, wants := range map[string][2]string{"/a": {"=0,-,-,-", ""}, "/b": {"=2,1,1,50", "=2,1,1,50"}} {
		q := query.Query{Site: query.Site{ID: 1}, Range: twoDays(), Metrics: metrics, Filter: []query.Filter{is("event:page", page)}}
		for i, by := range [][]string{nil, {"event:page"}} {
			q.Dimensions = by
			res, err := query.Run(t.Context(), db, q)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.TrimPrefix(written(res), page); got != wants[i] {
				t.Errorf("%s by %v: %s, want %s", page, by, got, wants[i])
			}
		}
	}
}
