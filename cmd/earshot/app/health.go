package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCmd struct {
	Listen string `help:"Where the server listens." env:"EARSHOT_LISTEN" default:"${listen}" placeholder:"HOST:PORT"`
}

func (healthCmd) Help() string {
	return "Example:\n  earshot healthcheck --listen localhost:8080"
}

func (c *healthCmd) Run(s *session) error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("read --listen: %w", err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" { // listens everywhere, so here too
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	var h struct {
		Status  string   `json:"status"`
		Reasons []string `json:"reasons"`
	}
	if err := json.Unmarshal(body, &h); err != nil {
		return fmt.Errorf("something else than Earshot answers on %s", c.Listen)
	}
	text := strings.Join(append([]string{h.Status}, h.Reasons...), "; ")
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", text)
	}
	fmt.Fprintln(s.Out, text)
	return nil
}
