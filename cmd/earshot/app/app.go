// Package app is the program: it reads flags and environment, and wires the
// packages of internal into a running server or a single command. It is the only
// package that imports all others, and end-to-end tests start the program through
// it. It contains no rules of the product.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/earshot-analytics/earshot/internal/clickhouse"
)

// cli is the grammar of the command line.
type cli struct {
	Settings

	Serve   serveCmd   `cmd:"" help:"Run Earshot: take events, write them, poll networks, show dashboards."`
	Site    siteCmd    `cmd:"" help:"Add, list and remove sites."`
	User    userCmd    `cmd:"" help:"Add, list and remove users, set a password."`
	Token   tokenCmd   `cmd:"" help:"Add, list and remove the tokens that programs use."`
	Account accountCmd `cmd:"" help:"Add, list and remove the accounts whose followers are read."`
	Import  importCmd  `cmd:"" help:"Import data from a file."`
	Export  exportCmd  `cmd:"" help:"Write a site's data as CSV."`
	Demo    demoCmd    `cmd:"" help:"Fill made-up sites with made-up events, to see how Earshot behaves at size."`
	Backup  backupCmd  `cmd:"" help:"Copy everything into a folder, beside a running server too."`
	Restore restoreCmd `cmd:"" help:"Bring a backup into an empty data folder."`
	Version versionCmd `cmd:"" help:"Print the versions of the program and of its schemas."`
	Health  healthCmd  `cmd:"" name:"healthcheck" help:"Ask a running server whether it is ready; exit 1 when it is not."`
}

// exit carries the exit code through kong's parser when a flag such as --help ends
// the program.
type exit int

// Main runs one command line and returns the process's exit code: 0, 1 if the
// command failed, 2 if the command line is invalid. When ctx ends, it stops
// gracefully.
func Main(ctx context.Context, args []string, stdio IO) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exit:
			code = int(r)
		default:
			panic(r)
		}
	}()
	var c cli
	parser, err := newParser(&c, stdio, func(code int) { panic(exit(code)) })
	if err != nil {
		fmt.Fprintln(stdio.Err, "earshot:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(stdio.Err, "earshot:", err)
		if c := failedCommand(err); c != "" {
			fmt.Fprintf(stdio.Err, "See earshot %s--help.\n", c)
		}
		return 2
	}
	s := &session{IO: stdio, Settings: c.Settings, ctx: ctx, log: newLogger(stdio.Err, c.LogLevel, c.LogFormat)}
	if err := parsed.Run(s); err != nil {
		fmt.Fprintln(stdio.Err, "earshot:", sentence(err))
		return 1
	}
	return 0
}

func newParser(c *cli, stdio IO, exit func(int)) (*kong.Kong, error) {
	c.Export, c.Import = exports(), fileImports()
	return kong.New(c,
		kong.Name("earshot"),
		kong.Description("See how far your words carry: page views, shares and followers of your blogs."),
		kong.Writers(stdio.Out, stdio.Err),
		kong.Exit(exit),
		kong.ValueFormatter(helpText),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"listen": defaultListen, "metricsListen": defaultMetricsListen},
		kong.TypeMapper(reflect.TypeFor[roles](), rolesMapper{}),
		kong.TypeMapper(reflect.TypeFor[prefixes](), prefixesMapper{}),
	)
}

// helpText is a flag's help with its default and its environment variable.
func helpText(v *kong.Value) string {
	var notes []string
	if v.HasDefault && v.Default != "" && !v.IsBool() {
		notes = append(notes, "default "+v.Default)
	}
	if v.Flag != nil {
		for _, env := range v.Flag.Envs {
			notes = append(notes, "$"+env)
		}
	}
	if len(notes) == 0 {
		return v.Help
	}
	return strings.TrimSuffix(v.Help, ".") + " (" + strings.Join(notes, ", ") + ")."
}

// failedCommand is the name of the command whose arguments are invalid, followed by
// a space, or just a space.
func failedCommand(err error) string {
	var p *kong.ParseError
	if !errors.As(err, &p) || p.Context == nil {
		return ""
	}
	var b strings.Builder
	for _, step := range p.Context.Path {
		if step.Command != nil {
			b.WriteString(step.Command.Name + " ")
		}
	}
	return b.String()
}

// sentence adds what to do about errors that a command's user meets often.
func sentence(err error) string {
	switch {
	case errors.Is(err, clickhouse.ErrUnavailable):
		return err.Error() + " (is it running, and is EARSHOT_CLICKHOUSE_DSN right?)"
	case errors.Is(err, context.Canceled):
		return "interrupted"
	}
	return err.Error()
}

func newLogger(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // kong has checked it
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}
