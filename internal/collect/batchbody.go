package collect

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unsafe"

	"github.com/klauspost/compress/zstd"
)

const (
	maxBatch       = 5 << 20 // bytes, also after inflating
	acceptEncoding = "gzip, zstd"
	maxWindow      = 8 << 20 // bytes that a zstd stream may want to look back
	packFrom       = 512     // bytes of errors from which on they are compressed
)

// spot is where an event stands in its batch: its place in an array from 0,
// or its line from 1.
type spot struct {
	index int
	array bool
}

func (s spot) json(errs problems) ([]byte, error) {
	if s.array {
		return json.Marshal(struct {
			Index  int      `json:"index"`
			Errors problems `json:"errors"`
		}{s.index, errs})
	}
	return json.Marshal(struct {
		Line   int      `json:"line"`
		Errors problems `json:"errors"`
	}{s.index, errs})
}

// bodyIsList accepts what lists of events are sent as.
func bodyIsList(h http.Header) bool {
	v := h["Content-Type"]
	if len(v) == 0 || v[0] == "" {
		return true
	}
	t, _, _ := strings.Cut(v[0], ";")
	switch strings.ToLower(strings.TrimSpace(t)) {
	case "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "text/plain":
		return true
	}
	return false
}

// inflate undoes a body's encoding. What comes out has the bound of what came
// in, so that a small body can't be a large one.
func inflate(body []byte, encoding string) (string, error) {
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		// Nothing that outlives the request shares its memory: records are copies.
		return unsafe.String(unsafe.SliceData(body), len(body)), nil
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(2*maxWindow))
		if err == nil {
			defer d.Close()
		}
		r = d
	default:
		return "", &refusal{http.StatusUnsupportedMediaType, "request", "has an encoding that is none of " + acceptEncoding, nil}
	}
	var text strings.Builder
	if err == nil {
		_, err = io.Copy(&text, io.LimitReader(r, maxBatch+1))
	}
	switch {
	case text.Len() > maxBatch, errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return "", &refusal{http.StatusRequestEntityTooLarge, "request", "is larger than 5 MiB when inflated", nil}
	case err != nil:
		return "", &refusal{http.StatusBadRequest, "request", "can't be inflated: is it whole, and what Content-Encoding says?", nil}
	}
	return text.String(), nil
}

// eachEvent gives f every event of a JSON array or of JSON lines, p being the
// same memory each time; ok is false for what is no object. The error is f's, or a *refusal where text is neither.
func eachEvent(text string, f func(at spot, p *payload, ok bool) error) error {
	s := scanner{s: text}
	switch s.peek() {
	case '[':
		return eachOfArray(&s, f)
	case '{':
		return eachLine(text, f)
	}
	return &refusal{http.StatusBadRequest, "request", "is neither a JSON array nor JSON lines", nil}
}

func eachOfArray(s *scanner, f func(at spot, p *payload, ok bool) error) error {
	s.take('[')
	var p payload
	for i := 0; !s.take(']'); i++ {
		if i > 0 && !s.take(',') {
			s.fail()
		}
		ok := s.peek() == '{'
		if ok {
			p = readPayload(s)
		} else {
			s.skip()
		}
		if s.bad {
			return notJSON
		}
		if err := f(spot{index: i, array: true}, &p, ok); err != nil {
			return err
		}
	}
	if s.peek(); s.i < len(s.s) {
		return notJSON
	}
	return nil
}

var notJSON = &refusal{http.StatusBadRequest, "request", "is not a whole JSON array", nil}

func eachLine(text string, f func(at spot, p *payload, ok bool) error) error {
	n := 0
	var p payload
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if strings.Trim(line, " \t\r") == "" {
			continue
		}
		var ok bool
		p, ok = parsePayload(line)
		if err := f(spot{index: n}, &p, ok); err != nil {
			return err
		}
	}
	return nil
}

// packErrors makes an answer's errors fit to be remembered for a day: ten
// thousand times the same sentence is a few kilobytes.
func packErrors(errs []byte) string {
	if len(errs) < packFrom {
		return string(errs)
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(errs)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil { // memory never fails to be written
		return string(errs)
	}
	return "\x00" + b.String()
}

func unpackErrors(packed string) string {
	text, ok := strings.CutPrefix(packed, "\x00")
	if !ok {
		return packed
	}
	b, err := io.ReadAll(flate.NewReader(strings.NewReader(text)))
	if err != nil {
		return fmt.Sprintf(`{"errors":{"request":[%q]}}`, "what was wrong is not known any more")
	}
	return string(b)
}

// refusal is an answer other than 202.
type refusal struct {
	status int
	reason string // in the metrics
	text   string
	cause  error // for the log
}

func (r *refusal) Error() string { return r.text }
