# Clientela. `make` prints the list below; each command sets up what it needs, once, in .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_SYSTEM_CERTS ?= true
# Every start of a program would compile all of its modules again.
unexport PYTHONDONTWRITEBYTECODE
# Passed on: make test ARGS="-k refund", make serve ARGS="--listen 127.0.0.1:0"
ARGS ?=

# ---- set-up ---------------------------------------------------------------------------------------------
# Two stamps: .runtime is enough to serve and to show the demo, .dev adds what tests and checks need.

RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
UV_INSTALL := $(UV) pip install -q --python $(BIN)/python
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install -q
# uv is fast; where it fails pip is asked, for it may know an index or a proxy that uv does not.
INSTALL = $(UV_INSTALL) --require-hashes -r $(1) 2>/dev/null || $(PIP_INSTALL) --require-hashes -r $(1)
EDITABLE := $(UV_INSTALL) --no-deps --no-build-isolation -e .

.PHONY: help setup demo scenarios serve scale test test-all test-postgres test-newest torture check lint types buf-lint audit format \
    bench bench-tap noun proto proto-check sdk build lock release-image release-fixture pictures clean \
    phone phone-proto phone-test phone-check phone-storm

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEV) ## Set up .venv for development (the other commands do it by themselves)

$(UV):
	@command -v $(PYTHON) >/dev/null || { \
	    echo "make: there is no $(PYTHON); install Python 3.11 or newer, or say PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); 3.11 or newer is needed: PYTHON=/path/to/python3 make ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "make: $(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements/runtime.txt | $(PIP_INSTALL) --require-hashes --no-deps -r /dev/stdin

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(UV)
	@$(call INSTALL,requirements/runtime.txt)
	@$(EDITABLE)
	@touch $@

$(DEV): requirements/dev.txt requirements/runtime.txt pyproject.toml | $(UV)
	@$(call INSTALL,requirements/dev.txt)
	@$(EDITABLE)
	@touch $(RUNTIME) $@

# For what starts programs by their names, as the tests and protoc do.
IN_VENV := PATH="$(CURDIR)/$(BIN):$$PATH"

# ---- use ------------------------------------------------------------------------------------------------

demo: $(RUNTIME) ## Show it all: a server, a client, 6,919 real purchases (ARGS=--keep: and serve on)
	@$(BIN)/python -m clientela_lab.demo $(ARGS)

scenarios: $(RUNTIME) ## Run every scenario of the lab, with its protection and without (ARGS="--seeds 20")
	@$(BIN)/clientela lab run all $(ARGS)

serve: $(RUNTIME) ## Serve on 127.0.0.1:50051 until Ctrl-C
	@$(BIN)/clientela-server --dev $(ARGS)

scale: $(DEV) ## Show two servers on one PostgreSQL, one killed under load (ARGS=--throughput: measure one and two)
	@$(BIN)/python -m clientela_lab.scale $(ARGS)

# ---- check ----------------------------------------------------------------------------------------------

# Many tests wait for servers: one process more than there are cores keeps all of them at work.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := $(IN_VENV) PYTHONPATH=tests/plugins python -m pytest -n $(WORKERS) --dist loadfile \
    $(if $(CI),-p no_skips -p taken_ports)
POSTGRES_PYTEST := CLIENTELA_TEST_STORE=$(or $(STORE),postgres) $(PYTEST) --ignore tests/store/database/test_postgres.py
# Of what runs a second time on PostgreSQL, those that ask it most.
POSTGRES_QUICK := $(addprefix tests/,rpc/services/test_customers.py rpc/services/test_purchases.py \
    rpc/test_once.py rpc/test_races.py store/test_batches.py store/filters/test_filter_sql.py \
    store/aggregates/test_totals.py)
QUICK := -p quick --hypothesis-profile brief
test: $(DEV) ## Run the tests but those that take long (ARGS="-k refund": these, long or not)
	@$(PYTEST) $(or $(ARGS),$(QUICK))
	@$(if $(ARGS),,$(POSTGRES_PYTEST) $(QUICK) $(POSTGRES_QUICK))

test-all: $(DEV) ## Run all tests, and those of the store and the calls on PostgreSQL too
	@$(PYTEST)
	@$(MAKE) test-postgres

test-postgres: $(DEV) ## Run the tests of the store and the calls on a real PostgreSQL (STORE=postgresql://...: on that)
	@$(POSTGRES_PYTEST) tests/store tests/usecases tests/rpc tests/server $(ARGS)

# Ten thousand random clients each.
STANDING := tests/domain/standing/test_naive.py tests/domain/standing/test_facts.py tests/usecases/test_standings.py
torture: $(DEV) ## Break everything many times over, and count what is lost (half an hour)
	@$(IN_VENV) GRPC_VERBOSITY=ERROR python -m tests.faults.torture $(ARGS)
	@$(if $(ARGS),,$(IN_VENV) python -m tests.attacks.torture)
	@$(if $(ARGS),,$(IN_VENV) python -m pytest --hypothesis-profile thorough $(STANDING))
	@$(if $(ARGS),,$(PYTEST) --hypothesis-profile wide -m hypothesis)
	@$(if $(ARGS),,$(IN_VENV) python -m tests.lab.wire.leaks)

NEWEST := .build/newest
test-newest: $(UV) ## Run the tests with the newest dependencies that pyproject.toml allows
	@$(UV) venv -q --clear --python $(BIN)/python $(NEWEST)
	@$(UV) pip install -q --python $(NEWEST)/bin/python --group dev -e '.[economics,scale]'
	@PATH="$(CURDIR)/$(NEWEST)/bin:$$PATH" PYTHONPATH=tests/plugins python -m pytest $(ARGS)

check: proto-check lint types buf-lint ## Everything but the tests that CI runs: generated code, lint, types, contract

lint: $(DEV) ## Check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV) ## Check types
	@$(BIN)/mypy

buf-lint: $(DEV) ## Check the protos' style
	@$(BIN)/buf lint

audit: $(DEV) ## Ask whether there are known vulnerabilities in what is locked
	@$(IN_VENV) .ci/audit requirements/dev.txt

format: $(DEV) ## Format the code, and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: $(DEV) ## Measure throughput beside a bare echo server (ARGS=--peers: beside FastAPI too)
	@command -v cc >/dev/null || .ci/install gcc libc6-dev
	@$(if $(findstring --peers,$(ARGS)),$(call INSTALL,requirements/peers.txt))
	@$(IN_VENV) python tests/bench/run.py $(ARGS)

bench-tap: $(DEV) ## Measure what being watched costs a call
	@command -v cc >/dev/null || .ci/install gcc libc6-dev
	@$(IN_VENV) python tests/bench/tapped.py $(ARGS)

# ---- the contract's generated code ----------------------------------------------------------------------

GEN := protos/gen
PROTOS = $(shell cd protos && find clientela -name '*.proto' | sort)
# The validation rules' Python code is made too: no published package holds it.
PROTOC := $(IN_VENV) python -m grpc_tools.protoc -I protos -I protos/third_party

proto: $(DEV) ## Regenerate protos/gen and the SDK's methods from the protos
	@rm -rf $(GEN) && mkdir -p $(GEN)
	@$(PROTOC) --python_out=$(GEN) --mypy_out=quiet:$(GEN) \
	    --grpc_python_out=$(GEN) --mypy_grpc_out=quiet:$(GEN) $(PROTOS)
	@$(PROTOC) --python_out=$(GEN) --mypy_out=quiet:$(GEN) buf/validate/validate.proto
	@find $(GEN) -name '*_pb2.py' -exec dirname {} ';' | sort -u | while read -r package; do touch "$$package/py.typed"; done
	@$(if $(findstring .build,$(GEN)),,$(MAKE) -s sdk)

# make noun NAME=complaints FIELDS="customer:name subject:text opened:time severity:int"
NAME ?=
FIELDS ?=
noun: $(DEV) ## Write a new noun into every layer (NAME=visits FIELDS="customer:name guest_count:int")
	@$(BIN)/python -m tools.new_noun "$(NAME)" $(FIELDS)
	@$(MAKE) -s proto
	@$(BIN)/ruff check --fix-only -q . && $(BIN)/ruff format -q .

SDK := client/clientela_client
sdk: $(DEV) ## Regenerate the SDK's methods from the protos, and its blocking half from the async one
	@mkdir -p .build && rm -rf $(SDK)/_async/nouns/*.py $(SDK)/_sync
	@$(PROTOC) --include_imports --include_source_info --descriptor_set_out=.build/described.binpb $(PROTOS)
	@$(IN_VENV) python protos/nouns_for_python.py $(SDK) < .build/described.binpb
	@$(IN_VENV) python protos/sync_for_python.py $(SDK)/_async $(SDK)/_sync

proto-check: $(DEV) ## Fail if protos/gen is stale
	@$(MAKE) -s proto GEN=.build/gen
	@diff -rq -x __pycache__ protos/gen .build/gen || { echo "protos/gen is stale: run make proto" >&2; exit 1; }

# ---- the phone ------------------------------------------------------------------------------------------
# Its built files are committed and shipped: nobody who runs the server, or the tests in Python, needs Node.

PHONE := client/phone
PHONE_GEN := $(PHONE)/src/gen
# Of the nouns that the phone shows.
PHONE_PROTOS := $(patsubst %,clientela/v1/%.proto,customers feed purchases segments standing) \
    google/rpc/error_details.proto google/type/money.proto google/type/decimal.proto
NPX := cd $(PHONE) && npx --no-install

$(PHONE)/node_modules/.ready: $(PHONE)/package-lock.json
	@command -v npm >/dev/null || { echo "make: there is no npm; install Node 20.19 or newer" >&2; exit 1; }
	@cd $(PHONE) && npm ci --silent --no-audit --no-fund
	@touch $@

PHONE_READY := $(DEV) $(PHONE)/node_modules/.ready

phone: phone-proto ## Build the phone into the server's package (needs Node)
	@$(NPX) vite build --logLevel warn

phone-proto: $(PHONE_READY) ## Regenerate the phone's messages from the protos
	@rm -rf $(PHONE_GEN) && mkdir -p $(PHONE_GEN) .build
	@$(PROTOC) --include_imports --descriptor_set_out=.build/contract.binpb $(PHONE_PROTOS)
	@$(BIN)/python protos/rules_for_phone.py < .build/contract.binpb > $(PHONE_GEN)/rules.ts
	@$(BIN)/python protos/slim_for_phone.py < .build/contract.binpb > .build/phone.binpb
	@$(IN_VENV) python -m grpc_tools.protoc --descriptor_set_in=.build/phone.binpb \
	    --plugin=protoc-gen-es=$(PHONE)/node_modules/.bin/protoc-gen-es \
	    --es_out=$(PHONE_GEN) --es_opt=target=ts $(PHONE_PROTOS)

phone-test: $(PHONE_READY) ## Check the phone: style, types, tests
	@$(NPX) biome check --error-on-warnings .
	@$(NPX) tsc
	@$(NPX) vitest run --reporter=dot

phone-check: $(PHONE_READY) ## Fail if the phone's built files or its messages are stale
	@$(MAKE) -s phone-proto PHONE_GEN=.build/phone-gen
	@diff -rq $(PHONE)/src/gen .build/phone-gen || { echo "$(PHONE)/src/gen is stale: run make phone" >&2; exit 1; }
	@cd $(PHONE) && PHONE_OUT=$(CURDIR)/.build/phone npx --no-install vite build --logLevel warn
	@diff -rq server/clientela_server/web/phone .build/phone || { echo "the phone's build is stale: run make phone" >&2; exit 1; }

phone-storm: $(DEV) ## Random taps, cuts, reloads and kills on a real browser, and count what is lost
	@$(IN_VENV) python -m tests.phone.storm $(ARGS)


# ---- release and upkeep ---------------------------------------------------------------------------------

build: $(DEV) ## Build the wheel and the source archive into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build

LOCK = UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-annotate $(ARGS)

lock: | $(UV) ## Lock the dependencies anew (ARGS=--upgrade for newer ones)
	@$(LOCK) pyproject.toml --extra economics --group build -c requirements/pins.txt -o requirements/runtime.txt
	@$(LOCK) pyproject.toml --extra economics --extra scale --group dev -c requirements/pins.txt \
	    -c requirements/runtime.txt -o requirements/dev.txt
	@$(LOCK) --group peers -c requirements/dev.txt -o requirements/peers.txt

release-image: $(DEV) ## Keep the contract as it is now: later ones may not break it
	@$(BIN)/buf build --exclude-source-info --path protos/clientela \
	    -o protos/released/$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml).binpb.gz

pictures: $(DEV) ## Take the pictures of docs/pictures anew, of a real run (needs chromium)
	@$(IN_VENV) python -m tests.lab.page.pictures
	@$(IN_VENV) python -m tests.cli.economics.page.pictures
	@$(IN_VENV) python -m tests.phone.pictures docs/pictures

release-fixture: $(DEV) ## Keep a ledger as this version writes it: later ones must take it over
	@$(IN_VENV) python -m tests.upkeep.release_fixture

clean: ## Remove all that make made, .venv included
	@rm -rf $(VENV) .build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
