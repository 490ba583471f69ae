// Gendocs writes docs/metrics.md from the registry. Run it from the
// repository's root.
package main

import (
	"fmt"
	"os"

	"github.com/earshot-analytics/earshot/internal/metric"
)

func main() {
	if err := os.WriteFile("docs/metrics.md", []byte(metric.Docs()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}
