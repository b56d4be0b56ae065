# go test ./... needs none of this.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.releaseVersion=$(VERSION)

.PHONY: build test ci soak bench picture generate

build: ## the static binary, bin/coedit
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/coedit ./cmd/coedit

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
