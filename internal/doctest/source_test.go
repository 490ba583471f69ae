package doctest

import (
	"go/ast"
	"go/build"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/earshot-analytics/earshot/internal/browsertest"
)

const module = "github.com/earshot-analytics/earshot/"

// source is the program's own packages, read from their files just so far
// that their constants have values. A constant need not be exported for the
// docs' sake.
type source struct {
	root  string
	files *token.FileSet
	std   types.Importer
	read  map[string]*types.Package
}

var sourceOf = sync.OnceValue(func() *source {
	files := token.NewFileSet()
	return &source{files: files, std: importer.ForCompiler(files, "source", nil), read: map[string]*types.Package{}}
})

// Import reads a package of the program, or one of the standard library's that
// constants are made of. Any other is as if it were empty.
func (s *source) Import(path string) (*types.Package, error) {
	if p := s.read[path]; p != nil {
		return p, nil
	}
	if path == "time" || path == "math" {
		return s.std.Import(path)
	}
	dir, ours := strings.CutPrefix(path, module)
	if !ours {
		p := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
		p.MarkComplete()
		return p, nil
	}
	pkg, err := build.ImportDir(filepath.Join(s.root, dir), 0)
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(s.files, filepath.Join(s.root, dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	// What the empty packages lack is no fault here.
	c := types.Config{Importer: s, IgnoreFuncBodies: true, Error: func(error) {}}
	p, _ := c.Check(path, s.files, parsed, nil)
	s.read[path] = p
	return p, nil
}

// constantOf is the value of a constant by its folder and name, such as
// internal/collect.maxBody, and whether it is a time.
func constantOf(t *testing.T, name string) (v constant.Value, duration bool) {
	t.Helper()
	s := sourceOf()
	s.root = browsertest.Root(t)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		t.Fatalf("%q: want a folder, a dot and the constant's name", name)
	}
	pkg, err := s.Import(module + name[:dot])
	if err != nil {
		t.Fatal(err)
	}
	c, ok := pkg.Scope().Lookup(name[dot+1:]).(*types.Const)
	if !ok || c.Val().Kind() == constant.Unknown {
		t.Errorf("there is no constant %s", name)
		return constant.MakeUnknown(), false
	}
	return c.Val(), c.Type().String() == "time.Duration"
}
