# The one way to set up, run, check and test. Needs make and Python 3.11 or newer, nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
HOST ?= 127.0.0.1
PORT ?= 8000
STORE := $(or $(CATALOGUE_DATA_DIR),var)
LOADED := $(STORE)/.demo-loaded
EMBEDDED := not browser and not full and not engines
ON_SERVERS := tests/contract tests/integration tests/api tests/accounts
# What measures, or has many processes of its own, wants the machine for itself.
ALONE := tests/faults tests/e2e/test_lighthouse.py tests/integration/test_side_by_side.py
PYTEST := $(BIN)/python -m pytest -n 2
SOURCES := catalogue_app harvesters indexing migrations tests $(wildcard bench)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run check lint type arch test test-full coverage bench soak format docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the locked dependencies

$(READY): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with make PYTHON=…")'
	@test -x $(BIN)/python || { echo "setup: creating $(VENV)"; $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; }
	@echo "setup: installing the locked dependencies (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
	@echo "setup: done"

run: export CATALOGUE_DATA_DIR := $(STORE)
run: setup ## set up, load the demo municipality and serve it at http://127.0.0.1:8000
	@test -e $(STORE)/catalogue.sqlite3 || rm -f $(LOADED)
	@$(BIN)/catalogue init
	@$(MAKE) --no-print-directory --silent $(LOADED)
	@$(BIN)/catalogue serve --host $(HOST) --port $(PORT)

# The demo is loaded again only when its tables have changed since.
$(LOADED): $(wildcard config/*.toml config/*/*.csv catalogue_app/services/demo*.py)
	@$(BIN)/catalogue demo load --with-defects
	@touch $@

check: setup lint type arch ## locks, lint, formatting, types, import contracts, dependencies, templates

lint: setup
	$(BIN)/python .ci/check_locks.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry . 2>&1
	@test ! -d catalogue_app/web/templates || $(BIN)/djlint --lint --quiet catalogue_app/web/templates

type: setup
	$(BIN)/mypy $(wildcard $(SOURCES) .ci/*.py)

arch: setup
	$(BIN)/lint-imports

test: setup ## every test that needs nothing but this checkout
	$(PYTEST) -m "$(EMBEDDED)"

test-full: setup ## what `make test` leaves out: the browser, an installed wheel, the long proofs, real services, the documents
	.ci/services
	$(PYTEST) -m "browser or full or engines" $(addprefix --ignore ,$(ALONE))
	$(BIN)/python -m pytest $(ALONE) -m "browser or full or engines"
	$(PYTEST) --stack=server $(ON_SERVERS) -m "not browser and not engines and not full"
	@$(MAKE) --no-print-directory docs

coverage: setup ## branch coverage of everything but the browser
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 -m "$(EMBEDDED)"
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report --format=total | sed 's/^/branch coverage, percent: /'

bench: setup ## ratios against their limits, measured on this machine
	.ci/elasticsearch
	$(BIN)/python -m bench

soak: SECONDS ?= 600
soak: setup ## two of every process on one PostgreSQL under mixed load, for SECONDS=600: latencies, deadlocks, lost updates, errors
	$(BIN)/python -m tests.mixed_load $(SECONDS)

format: setup ## rewrite the code as the formatter wants it
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

docs: setup ## links between documents hold; the next release's notes read well
	$(BIN)/python .ci/check_links.py
	$(BIN)/towncrier build --draft

lock: setup ## resolve the dependencies again (needs the package registry)
	$(COMPILE) -o requirements.lock
	$(COMPILE) --group dev -o requirements-dev.lock

clean: ## forget what the tools left behind (keeps .venv and var)
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov test-results
