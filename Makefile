# Needs Python 3.11 or newer and make. The first use creates .venv from requirements.lock.
PYTHON ?= python3
SCENARIO ?= baseline
OUT ?= out
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help env run test slow bench check lock clean

help: ## say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10
	@echo 'variables: PYTHON=python3.12  SCENARIO=baseline  OUT=out  ARGS="--replications 20"  JOBS=2'

env: $(READY) ## create or refresh .venv from requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed 需要 Python 3.11+: make PYTHON=python3.12 ...'; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -e .
	@touch $@

run: $(READY) ## simulate SCENARIO into OUT
	$(BIN)/yanglao run $(SCENARIO) --out $(OUT) $(ARGS)

test: $(READY) ## the fast tests
	$(BIN)/python -m tests.warm_up
	$(BIN)/python -m pytest -n $(JOBS) -p no:benchmark -m "not slow" $(ARGS)

slow: $(READY) ## all tests
	$(BIN)/python -m pytest -n $(JOBS) -p no:benchmark $(ARGS)

bench: $(READY) ## timings
	$(BIN)/python -m pytest benches --benchmark-only $(ARGS)

check: $(READY) ## format, lint, types, layers, tables
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/yanglao params --check

lock: $(READY) ## resolve requirements.lock again (needs uv)
	uv pip compile --universal --python-version 3.11 pyproject.toml --extra dev \
	  -o requirements.lock --no-header --no-annotate --upgrade

clean: ## remove the environment, caches and builds; results stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
