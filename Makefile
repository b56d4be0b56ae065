# go test ./... needs none of this.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
OUT     ?= bin/coedit

# HTTP/2 is left out, over which no WebSocket comes about, functions are packed closer, and packages that run once, or once
# a connection, are compiled without inlining: 1 MB less. A plain `go build` makes the same program, larger.
SELDOM     := coedit/cmd/coedit github.com/spf13/cobra github.com/spf13/pflag golang.org/x/crypto/acme net/http net/url \
              mime/multipart crypto/x509 encoding/asn1 encoding/json flag log/slog runtime/pprof net/http/pprof internal/profile
BUILDFLAGS := -trimpath -tags nethttpomithttp2 $(SELDOM:%=-gcflags=%=-l)
LDFLAGS    := -s -w -funcalign=8 -X main.releaseVersion=$(VERSION)

.PHONY: build test ci soak bench picture generate

build: ## the static binary, bin/coedit
	CGO_ENABLED=0 $(GO) build $(BUILDFLAGS) -ldflags '$(LDFLAGS)' -o $(OUT) ./cmd/coedit

test: ## the README's test command
	$(GO) test ./...

ci: ## everything CI checks
	.ci/run

soak: ## what takes longer: many seeds, then every fuzzer for FUZZTIME
	.ci/soak

bench: ## coedit beside others, to docs/BENCHMARKS*.md; needs Node, takes about an hour
	bench/run.sh
	bench/wire.sh
	bench/editor.sh
	bench/relays/run.sh

picture: ## docs/session.svg from the program's own output
	$(GO) run ./internal/picture -o docs/session.svg

generate: ## generated code
	$(GO) generate ./...
