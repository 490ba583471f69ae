// Command licenses lists the licence of everything that is linked into the
// program or sent to browsers, and fails where one of them would bind what we
// or our users do with it. "make licenses" runs it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// part is a module or package with the licences that it names.
type part struct {
	name, version, licence string
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	modules, err := goModules()
	if err != nil {
		return err
	}
	packages, err := npmPackages("package-lock.json")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var bad []string
	for _, p := range slices.Concat(modules, packages) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.name, p.version, p.licence)
		if !allowed(p.licence) {
			bad = append(bad, p.name+" ("+p.licence+")")
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("not to be built on: %s", strings.Join(bad, ", "))
	}
	return nil
}

// goModules are the modules of the packages that the program is linked from.
func goModules() ([]part, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/earshot")
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	lines := slices.Compact(slices.Sorted(strings.Lines(string(b))))
	var all []part
	for _, line := range lines {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 {
			continue
		}
		licence, err := ofFolder(f[2])
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", f[0], err)
		}
		all = append(all, part{f[0], f[1], licence})
	}
	return all, nil
}

// ofFolder recognises the licence file of a module.
func ofFolder(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	found := []string{}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && name != "UNLICENSE" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return "", err
		}
		if l := recognise(string(b)); l != "" && !slices.Contains(found, l) {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return "unknown", nil
	}
	return strings.Join(found, " and "), nil
}

// marks are sentences that only one licence has, the narrower ones first.
var marks = []struct{ text, licence string }{
	// As their own texts begin: others only mention them.
	{"gnu affero general public license version", "AGPL"},
	{"gnu lesser general public license version", "LGPL"},
	{"gnu general public license version", "GPL"},
	{"gnu general public license as published", "GPL"},
	{"mozilla public license", "MPL-2.0"},
	{"apache license", "Apache-2.0"},
	{"creative commons attribution 4.0", "CC-BY-4.0"},
	{"this is free and unencumbered software released into the public domain", "Unlicense"},
	{"permission to use, copy, modify, and/or distribute this software for any purpose", "ISC"},
	{"permission to use, copy, modify, and distribute this software for any purpose", "ISC"},
	{"permission is hereby granted, free of charge", "MIT"},
	{"neither the name of", "BSD-3-Clause"},
	{"redistribution and use in source and binary forms", "BSD-2-Clause"},
	{"public domain", "public domain"},
}

func recognise(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, m := range marks {
		if strings.Contains(text, m.text) {
			return m.licence
		}
	}
	return ""
}

// npmPackages are those of the lock file: what is sent to browsers, and the
// tools that make and test it, marked as such.
func npmPackages(lock string) ([]part, error) {
	b, err := os.ReadFile(lock)
	if err != nil {
		return nil, err
	}
	var file struct {
		Packages map[string]struct {
			Version  string
			Licence  string `json:"license"`
			Dev      bool
			Optional bool
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("read %s: %w", lock, err)
	}
	var all []part
	for path, p := range file.Packages {
		name, ok := strings.CutPrefix(path, "node_modules/")
		if !ok {
			continue
		}
		if p.Optional && (strings.HasPrefix(name, "@esbuild/") || p.Dev) {
			continue // esbuild's binary for each platform
		}
		if p.Licence == "" {
			if p.Licence, err = ofPackage(path); err != nil {
				return nil, err
			}
		}
		all = append(all, part{"npm " + name, p.Version, p.Licence})
	}
	slices.SortFunc(all, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

func ofPackage(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return "not installed here", nil
	}
	if err != nil {
		return "", err
	}
	var p struct {
		Licence string `json:"license"`
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return "", fmt.Errorf("read %s: %w", dir, err)
	}
	return p.Licence, nil
}

// allowed refuses what reaches beyond its own files, and what nobody knows.
func allowed(licence string) bool {
	for _, l := range strings.Split(licence, " and ") {
		l = strings.ToUpper(l)
		if strings.Contains(l, "GPL") || l == "UNKNOWN" || l == "" {
			return false
		}
	}
	return true
}
