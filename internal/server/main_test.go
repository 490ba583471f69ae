package server

import (
	"testing"

	"github.com/earshot-analytics/earshot/internal/clickhouse/chtest"
)

func TestMain(m *testing.M) { chtest.Main(m) }
