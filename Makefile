# What a newcomer needs: make run, make test, make build, make bench.
# Needed beforehand: Go, Node with npm, make, git; Linux on x86-64 with glibc
# for the ClickHouse that npm brings.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/earshot-analytics/earshot/cmd/earshot/app.version=$(VERSION)
WEB_SOURCES := $(shell find web -path web/dist -prune -o -type f -not -name '*.go' -print)

# Where the embedded ClickHouse exists, a test that cannot have it fails
# instead of being skipped.
ifeq ($(shell uname -sm),Linux x86_64)
export CI ?= 1
endif

.PHONY: run build test fuzz faults lint bench licenses browser proxies clean

# The program with its demo blog on http://localhost:8080; data in ./data.
run: build
	bin/earshot serve --demo

build: web/dist/manifest.json
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/earshot ./cmd/earshot

# npm writes this file at the end of an install.
node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci
	@touch $@

web/dist/manifest.json: node_modules/.package-lock.json $(WEB_SOURCES)
	npm run --silent build

# Packages in which goroutines meet run under the race detector, which needs a
# C compiler, the others without: no test runs twice but the server's, whose
# pages in a browser are not for the detector (a browser waits, and what it
# asks the short tests ask too). Engines and browsers share the cores with the
# tests that they serve, so packages run two at a time, and the server's, which
# take longest, first.
RACED := cmd/earshot/app internal/clickhouse internal/clickhouse/embedded internal/collect internal/connections internal/demo internal/enrich \
	internal/imports internal/install internal/lane internal/meta internal/panel internal/social internal/spool internal/spool/receipts \
	internal/spool/slots internal/turn internal/write
MODULE := github.com/earshot-analytics/earshot
OTHERS = $(filter-out $(RACED:%=$(MODULE)/%),$(shell go list ./...))
FUZZTIME ?= 1m

test: lint browser proxies
ifneq ($(shell command -v cc),)
	go test -p 2 -timeout 20m ./internal/server $(OTHERS)
	go test -race -short -p 2 -timeout 20m ./internal/server $(RACED:%=./%)
else
	@echo "no C compiler: not looked for races"
	go test -p 2 -timeout 20m ./...
endif
	@.ci/fuzz 2s

# Every fuzzer, for so long each: make fuzz FUZZTIME=10m
fuzz: web/dist/manifest.json
	@.ci/fuzz $(FUZZTIME)

# Every fault, for hours if you like, on both kinds of store and on two nodes:
# make faults DURATION=2h SEED=7
DURATION ?= 6m
faults: web/dist/manifest.json
	go run ./internal/faulttest -duration $(DURATION) $(if $(SEED),-seed $(SEED))

lint: web/dist/manifest.json
	@files=$$(gofmt -l cmd dashboards internal web); if [ -n "$$files" ]; then echo "not gofmt-ed:" $$files; exit 1; fi
	go vet ./...
	go tool staticcheck ./...
	@.ci/deadcode
	@.ci/advisories

# Page tests drive a Chromium; installed here where that is possible.
browser:
	@.ci/chromium

# The examples of docs/hardening are tried with nginx and Caddy.
proxies:
	@.ci/proxies

# Every figure that README and docs/performance.md claim.
bench: build
	go run ./internal/bench -long 60s

# What is linked into the program or sent to browsers, with its licence.
licenses: node_modules/.package-lock.json
	go run ./internal/licenses

clean:
	rm -rf bin web/dist/* node_modules
