// Command earshot is web analytics with shares and followers in one program.
// Everything it does stands in package app.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "time/tzdata" // time zones where the system has none

	"github.com/earshot-analytics/earshot/cmd/earshot/app"
	"github.com/earshot-analytics/earshot/internal/clickhouse/embedded"
)

func main() {
	embedded.RunChildIfAsked()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(app.Main(ctx, os.Args[1:], app.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
