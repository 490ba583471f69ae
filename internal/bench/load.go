package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// bareServer is what Earshot's collector is measured against: a gin handler
// that reads the body, throws it away and answers 202. It prints its address.
func bareServer() {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.POST("/api/event", func(c *gin.Context) {
		_, _ = io.Copy(io.Discard, c.Request.Body)
		c.String(http.StatusAccepted, "ok")
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	_ = http.Serve(l, r)
}

// result is what one round of load gave.
type result struct {
	accepted int
	other    map[string]int
	perSec   float64
	p50, p99 time.Duration
}

// load posts single events over conns connections for that long: a lean
// client, so that the server gets most of the machine.
func load(address, site string, conns int, long time.Duration) (result, error) {
	return spread(conns, long, 1, func(i int) (func(n int) (string, error), func(), error) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return nil, nil, err
		}
		in := bufio.NewReader(conn)
		return func(n int) (string, error) {
			if _, err := conn.Write(request(address, site, i, n)); err != nil {
				return "", err
			}
			return answer(in)
		}, func() { conn.Close() }, nil
	})
}

// spread posts from conns goroutines for that long; each makes its own post,
// which gives the answer's status and stands for so many events.
func spread(conns int, long time.Duration, events int, client func(i int) (post func(n int) (string, error), end func(), err error)) (result, error) {
	type part struct {
		took  []time.Duration
		other map[string]int
		err   error
	}
	parts := make([]part, conns)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range conns {
		all.Go(func() {
			p := &parts[i]
			p.other = map[string]int{}
			post, end, err := client(i)
			if err != nil {
				p.err = err
				return
			}
			defer end()
			for n := 0; time.Since(begun) < long; n++ {
				start := time.Now()
				status, err := post(n)
				if err != nil {
					p.err = err
					return
				}
				if status == "202" {
					p.took = append(p.took, time.Since(start))
				} else {
					p.other[status]++
				}
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	out := result{other: map[string]int{}}
	var times []time.Duration
	for _, p := range parts {
		if p.err != nil {
			return out, p.err
		}
		times = append(times, p.took...)
		for k, n := range p.other {
			out.other[k] += n
		}
	}
	slices.Sort(times)
	out.accepted = len(times) * events
	out.perSec = float64(out.accepted) / took.Seconds()
	if len(times) > 0 {
		out.p50, out.p99 = times[len(times)/2], times[len(times)*99/100]
	}
	return out, nil
}

const batchSize = 10_000

// batchBodies are batches as a log shipper sends them, made once: what makes
// them is not measured.
func batchBodies(n int) [][]byte {
	bodies := make([][]byte, n)
	for b := range bodies {
		var text []byte
		for i := range batchSize {
			reader := (b*batchSize + i) / 3
			text = fmt.Appendf(text, `{"n":"pageview","u":"https://%s/2026/post-%d/","d":"%s","r":"https://www.google.com/","ip":"81.%d.%d.%d","user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36"}`+"\n",
				site, i*31%500, site, 2+reader/62_500, reader/250%250, 1+reader%250, 120+reader%20)
		}
		bodies[b] = text
	}
	return bodies
}

// loadBatches posts the bodies in turn.
func loadBatches(base, token string, bodies [][]byte, conns int, long time.Duration) (result, error) {
	return spread(conns, long, batchSize, func(i int) (func(n int) (string, error), func(), error) {
		return func(n int) (string, error) {
			req, err := http.NewRequest(http.MethodPost, base+"/api/events", bytes.NewReader(bodies[(n*conns+i)%len(bodies)]))
			if err != nil {
				return "", err
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Content-Type", "application/x-ndjson")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return "", err
			}
			defer resp.Body.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				return "", err
			}
			return fmt.Sprint(resp.StatusCode), nil
		}, func() {}, nil
	})
}

// request is a page view as the snippet sends it, of one of many readers.
func request(host, site string, conn, n int) []byte {
	body := fmt.Sprintf(`{"n":"pageview","u":"https://%s/2026/post-%d/?utm_source=newsletter","d":"%s","r":"https://www.google.com/","v":1,"tz":"Europe/Paris"}`, site, (conn*31+n)%500, site)
	return fmt.Appendf(nil, "POST /api/event HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36\r\nX-Forwarded-For: 81.%d.%d.%d\r\nContent-Length: %d\r\n\r\n%s",
		host, 120+conn%20, 2+conn, n/200%256, 1+n/8%250, len(body), body)
}

// answer reads one response and gives its status.
func answer(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return "", fmt.Errorf("an answer that begins with %q", line)
	}
	length := 0
	for {
		head, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		head = strings.TrimRight(head, "\r\n")
		if head == "" {
			break
		}
		if name, value, _ := strings.Cut(head, ":"); strings.EqualFold(name, "Content-Length") {
			if _, err := fmt.Sscan(value, &length); err != nil {
				return "", err
			}
		}
	}
	_, err = in.Discard(length)
	return fields[1], err
}
