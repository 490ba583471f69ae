package query_test

import (
	"flag"
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { chtest.Main(m) }
