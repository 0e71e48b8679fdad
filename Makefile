# Everything that is done with this repository. `make help` lists it.
# Only `make run` and `make build` are happy with nothing but Go; the others
# install what they need the first time, in this folder.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

ARCH ?= arm64
BIN ?= bin
FUZZTIME ?= 10s
GO_DIRS := $(wildcard functions shared localdev infra)
FUNCTIONS := $(patsubst functions/%/main.go,%,$(wildcard functions/*/main.go))
TOOL := go tool -modfile=tools/go.mod

# Folders with npm packages; bench-peers installs its own. The engine is not
# installed where another one is named.
NODE_DIRS := $(filter-out test/peers,$(patsubst %/package-lock.json,%,$(wildcard test/*/package-lock.json)))
NODE_TESTS := $(filter-out test/engines test/runtimes,$(NODE_DIRS))
ifdef DYNAMODB_ENDPOINT
NODE_DIRS := $(filter-out test/engines,$(NODE_DIRS))
endif

##@ Every day

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: ## Run everything on this machine: make run ARGS="--port 8100"
	@go run ./localdev $(ARGS)

# In a folder of its own: bin/ is for Lambda's processor.
.PHONY: run-deployed
run-deployed: setup ## Run the built functions as on Lambda, over a DynamoDB engine: make run-deployed ARGS=…
	@$(MAKE) build ARCH=$$(go env GOARCH) BIN=build/here
	@exec go run ./localdev --binaries build/here $(ARGS)

.PHONY: test
test: setup ## Run all tests: Go with the race detector, then the clients'
	@go test -race ./...
	@for dir in $(NODE_TESTS); do npm --prefix "$$dir" --silent test --if-present; done

.PHONY: check
check: static test ## Check form and faults, then run all tests

.PHONY: fmt
fmt: ## Format the Go code
	@$(TOOL) gofumpt -w $(GO_DIRS)

.PHONY: bench
bench: setup ## Run the benchmarks: make bench PKG=./localdev/... BENCH=Echo
	@go test -p 1 -run '^$$' -bench '$(or $(BENCH),.)' -benchmem $(or $(PKG),./...)

.PHONY: bench-peers
bench-peers: setup ## Measure a small WebSocket API here and on other emulators
	@go run ./localdev/load --peers test/peers

##@ Checks

.PHONY: static
static: ## Check the Go code's form (gofumpt), and for faults (vet, staticcheck)
	@found=$$($(TOOL) gofumpt -l $(GO_DIRS)); \
		if [[ -n $$found ]]; then printf 'not in gofumpt form (make fmt):\n%s\n' "$$found" >&2; exit 1; fi
	@echo "gofumpt: ok"
	@go vet ./...
	@echo "vet: ok"
	@$(TOOL) staticcheck ./...
	@echo "staticcheck: ok"

.PHONY: lint
lint: .venv-lint/.installed ## Lint template.yaml, as it stands and as SAM expands it
	@.venv-lint/bin/cfn-lint -c I -- template.yaml
	@mkdir -p build
	@AWS_DEFAULT_REGION=eu-west-1 .venv-lint/bin/python tools/lint/expand.py template.yaml > build/expanded.json
	@.venv-lint/bin/cfn-lint -c I -- build/expanded.json
	@echo "cfn-lint: template.yaml and its expansion are ok"

.PHONY: vuln
vuln: ## Look for known vulnerabilities (needs the Go vulnerability database)
	@go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: fuzz
fuzz: setup ## Run each fuzz test for FUZZTIME (10s)
	@grep -rl --include='*_test.go' '^func Fuzz' $(GO_DIRS) | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r name; do \
			echo "$$(dirname "$$file") $$name"; \
			go test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x </dev/null; \
		done; \
	done

##@ Deploying

.PHONY: build
build: ## Build bin/<function>/bootstrap for Lambda: make build ARCH=amd64
	@for name in $(FUNCTIONS); do \
		CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build -trimpath -ldflags '-s -w' -tags lambda.norpc \
			-o "$(BIN)/$$name/bootstrap" "./functions/$$name"; \
	done
	@echo "built for $(ARCH): $(FUNCTIONS:%=$(BIN)/%/bootstrap)"

# Never with --cached: its cache looks at functions/<name> alone, and would keep
# old binaries after a change in shared/.
.PHONY: sam
sam: export SAM_CLI_TELEMETRY = 0
sam: .venv-sam/.installed ## Validate template.yaml with SAM and build it into .aws-sam
	@.venv-sam/bin/sam validate --lint
	@GOFLAGS="$${GOFLAGS:-} -trimpath \"-ldflags=-s -w\" -tags=lambda.norpc" .venv-sam/bin/sam build

##@ Installing

.PHONY: setup
setup: system .venv/.installed $(NODE_DIRS:%=%/node_modules/.installed) ## Install what the tests need, in this folder

.PHONY: system
system:
	@tools/system

.venv/.installed: test/requirements.txt
.venv-lint/.installed: tools/lint/requirements.txt
.venv-sam/.installed: tools/lint/requirements-sam.txt
.venv/.installed .venv-lint/.installed .venv-sam/.installed: | system
	@echo "installing $< in $(@D)"
	@python3 -m venv --clear $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

%/node_modules/.installed: %/package-lock.json %/package.json | system
	@echo "installing $< in $(@D)"
	@cd $* && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

.PHONY: clean
clean: ## Remove all that make built and installed; .bellhop, your data, stays
	@rm -rf bin build .aws-sam .venv .venv-lint .venv-sam $(NODE_DIRS:%=%/node_modules) test/engines/node_modules test/peers/node_modules test/peers/.venv
