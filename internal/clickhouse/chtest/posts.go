package chtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
)

// PostFigures is one reading of one post: a row of post_figures. Figures that
// are nil are not known.
type PostFigures struct {
	Site                            uint32
	Time                            time.Time // of the reading
	Network, Account, Post          string
	Published                       time.Time
	URL, Text, Page, ShareID        string
	Likes, Comments, Reposts, Views *uint64
}

// InsertPosts adds readings of posts, a later one in place of an earlier one
// of the same post and time.
func InsertPosts(t testing.TB, db *clickhouse.DB, rows ...PostFigures) {
	t.Helper()
	quote := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}
	figure := func(n *uint64) string {
		if n == nil {
			return "NULL"
		}
		return fmt.Sprint(*n)
	}
	var values []string
	for i, r := range rows {
		values = append(values, "("+strings.Join([]string{
			fmt.Sprint(r.Site), quote(r.Network), quote(r.Account), quote(r.Post),
			fmt.Sprint(r.Time.Unix()), fmt.Sprint(r.Published.Unix()),
			quote(r.URL), quote(r.Text), quote(r.Page), quote(r.ShareID),
			figure(r.Likes), figure(r.Comments), figure(r.Reposts), figure(r.Views),
			fmt.Sprint(i),
		}, ", ")+")")
	}
	err := db.Exec(t.Context(), "INSERT INTO post_figures (site_id, network, account, post, ts, published, url, text, page, share_id, likes, comments, reposts, views, recorded) VALUES "+strings.Join(values, ", "))
	if err != nil {
		t.Fatal(err)
	}
}
