.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := agents api benchmarks channels clickhouse engine oncue streams tables tests logs.py settings.py
REPLAY := tests/acceptance/test_rees46.py
QUICK := tests/unit tests/scenarios tests/properties tests/simulation tests/architecture

SDK := .cache/sdk
BUILT := api/tracker/oncue.min.js
TRACKER := $(addprefix api/tracker/source/,$(addsuffix .js,settings storage messages sending page calls))

.PHONY: help setup setup-dev check test test-parts test-whole test-replay bench demo up kafka sdk browser tracker lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: .venv/.ready ## install what running needs into .venv (217 MB of downloads)

setup-dev: .venv/.ready-dev ## install what checking and testing need, too

.venv/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11: set PYTHON=..."; exit 1; }
	@echo "installing into .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

check: setup-dev ## format, lint, types, import contracts, quick tests: under a minute
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	SIMULATION_SEEDS=20 EXAMPLES_PERCENT=15 $(BIN)/pytest -q -n 2 -m "not shared" $(ARGS) $(QUICK)

# A machine with other work on it may miss a deadline once; what fails again, alone, is broken.
# A phase that failed without a failed test has nothing to repeat: no second try makes it good.
test: setup-dev sdk ## everything, on real servers; ARGS=--require-kafka fails without Apache Kafka
	@failed=""; for phase in test-parts test-whole test-replay; do \
	$(MAKE) --no-print-directory $$phase TRY="--cache-clear" || \
	$(MAKE) --no-print-directory $$phase TRY="-n 0 --last-failed --last-failed-no-failures none" || failed="$$failed $$phase"; \
	done; test -z "$$failed" || { echo "failed twice:$$failed" >&2; exit 1; }

test-parts: setup-dev sdk # all but the acceptance tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=15 --ignore tests/acceptance $(ARGS) $(TRY)

test-whole: setup-dev sdk # the acceptance tests: two whole stacks side by side
	$(BIN)/pytest -n 2 --dist loadfile --durations=15 --ignore $(REPLAY) tests/acceptance $(ARGS) $(TRY)

test-replay: setup-dev sdk # a shop's morning at its own pace: alone, since its carts idle for seconds
	$(BIN)/pytest $(REPLAY) $(ARGS) $(TRY)

bench: setup-dev sdk ## the benchmarks, each beside its baseline in the same run
	$(BIN)/python -m benchmarks $(ARGS)

demo: setup ## the whole stack with a shop's morning; ARGS=--exit ends after the summary
	@$(BIN)/oncue demo $(ARGS)

up: setup ## the whole stack, empty
	@$(BIN)/oncue up $(ARGS)

kafka: setup ## one Apache Kafka broker on loopback, by Java and Maven; ARGS="--port 9092"
	@$(BIN)/python -m oncue.kafka $(ARGS)

sdk: ## other makers' trackers for the tests, by npm into .cache (110 MB)
	@if ! command -v npm >/dev/null; then echo "no npm on the PATH: tests with trackers from npm will be skipped"; \
	elif ! $(MAKE) -s $(SDK)/.ready; then echo "npm cannot install: tests with its trackers will be skipped"; fi

$(SDK)/.ready: tests/sdk/package.json tests/sdk/package-lock.json
	@echo "installing other makers' trackers into $(SDK)"
	@mkdir -p $(SDK) && cp $^ $(SDK)
	@npm ci --prefix $(SDK) --omit optional --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

browser: ## Chromium by apt-get where it is missing, for the tests of the tracker
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	&& apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } \
	|| echo "no chromium, and apt-get cannot install it here: tests in a browser will be skipped"

tracker: sdk ## build api/tracker/oncue.min.js from its source
	@$(SDK)/node_modules/.bin/terser $(TRACKER) --ecma 2020 --toplevel --enclose --compress passes=3 --mangle \
	-o $(BUILT)
	@gzip -9nc $(BUILT) | wc -c | sed 's/$$/ bytes packed/'

lock: setup-dev ## resolve the pinned versions anew (pip-tools)
	$(PIP) install pip-tools
	for part in "-dev.lock --extra dev" ".lock"; do set -- $$part; \
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-header --no-emit-options --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --unsafe-package numpy --unsafe-package pandas --unsafe-package pyarrow \
	--extra build --extra embedded $${@:2} -o requirements$$1 pyproject.toml; done

clean: ## remove the installation, caches and runs
	rm -rf .venv .cache var .mypy_cache .ruff_cache .pytest_cache .hypothesis
