// Package trackertest proves the snippet in a real browser: blogs to read,
// a collector that remembers what it was sent, and the clients of others that
// a collector has to understand. Its own tests use a recording collector; the
// end-to-end test uses Clients against the real one. Only tests import it.
package trackertest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

// Snippets builds web/tracker as the product does and returns the files' texts
// by name: earshot.js and earshot-share.js.
func Snippets(t testing.TB) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	node(t, `import { buildTracker } from "./web/build-tracker.mjs";
		await buildTracker({ outdir: process.argv[1] });`, dir)
	files := map[string][]byte{}
	for _, name := range []string{"earshot.js", "earshot-share.js"} {
		code, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = code
	}
	return files
}

// bundle makes one classic script of an ES module that imports npm packages.
func bundle(t testing.TB, module string) []byte {
	t.Helper()
	return node(t, `import { buildSync } from "esbuild";
		const out = buildSync({
			stdin: { contents: process.argv[1], resolveDir: process.cwd() },
			bundle: true, format: "iife", write: false, logLevel: "error",
		});
		process.stdout.write(out.outputFiles[0].text);`, module)
}

// node runs an ES module in the repository's root and returns what it printed.
func node(t testing.TB, module string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("node", append([]string{"--input-type=module", "--eval", module, "--"}, args...)...)
	cmd.Dir = browsertest.Root(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	return out
}
