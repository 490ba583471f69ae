package app

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
	"github.com/earshot-analytics/earshot/internal/collect"
	"github.com/earshot-analytics/earshot/internal/connections"
	"github.com/earshot-analytics/earshot/internal/spool"
	"github.com/earshot-analytics/earshot/internal/spool/receipts"
	"github.com/earshot-analytics/earshot/internal/turn"
	"github.com/earshot-analytics/earshot/internal/write"
)

// The table of docs/operations.md has exactly Earshot's own metrics.
func TestMetricsAreDocumented(t *testing.T) {
	reg := prometheus.NewRegistry()
	s, err := spool.Open(filepath.Join(t.TempDir(), "spool"), spool.Options{Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := receipts.New(receipts.Options{Log: s, Registerer: reg})
	collect.New(collect.Options{Registerer: reg})
	connections.NewMetrics(reg)
	write.New(write.Options{Source: b.Source(), Registerer: reg})
	turn.New("queries", clickhouse.DefaultTurns(), reg)
	descs := make(chan *prometheus.Desc)
	go func() {
		reg.Describe(descs)
		close(descs)
	}()
	named := regexp.MustCompile(`fqName: "(earshot_[a-z_]+)"`)
	var there, documented []string
	for d := range descs {
		there = append(there, named.FindStringSubmatch(d.String())[1])
	}
	doc, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(earshot_[a-z_]+)").FindAllSubmatch(doc, -1) {
		documented = append(documented, string(m[1]))
	}
	slices.Sort(there)
	there = slices.Compact(there) // a metric with several labels counts once
	slices.Sort(documented)
	if diff := cmp.Diff(there, documented); diff != "" {
		t.Errorf("registered (-), documented (+):\n%s", diff)
	}
}
