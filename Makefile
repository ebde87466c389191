# make run | run-fake-databricks | starter | test | lint | docs | pictures | bench | clean.  Another interpreter: make PYTHON=python3.12 test
PYTHON ?= python3
VENV := .venv
TEST_VENV := .venv-test
BENCH_VENV := .venv-bench
DATASETS := ./datasets

UV := $(shell command -v uv 2>/dev/null)
# $(call install,VENV,EXTRA): an editable install, by uv where there is one.
install = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python -e ".[$(2)]",$(1)/bin/python -m pip install --quiet -e ".[$(2)]")
# Suites with deadlines of their own: they run beside each other, but not beside the engines. They wait for most of their time.
TIMED := tests/webapp/runner tests/e2e
# Suites with long files come before the others, or one process would wait for them at the end.
LONG := tests/laws tests/verify tests/databricks tests/realism tests/integration
SHORT = $(filter-out $(LONG) $(TIMED) tests/__pycache__,$(patsubst %/,%,$(wildcard tests/*/)))
comma := ,
# What an environment is made from. The __init__ files: a new top-level package, or a new version.
SOURCES := pyproject.toml $(wildcard generation/__init__.py webapp/__init__.py migrations/__init__.py)

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run run-fake-databricks starter test lint docs pictures bench clean python

run: $(VENV)/.installed ## The quick start: the wizard at http://127.0.0.1:8000, with a first dataset in its history.
	DATASETS_DIR=$(DATASETS) $(VENV)/bin/python -m webapp

run-fake-databricks: $(TEST_VENV)/.installed ## The app in a Databricks workspace that is played on this machine.
	$(TEST_VENV)/bin/python -m tests.databricks.standing

starter: $(VENV)/.installed ## A small dataset in datasets/starter; made once, verified when it is there.
	$(VENV)/bin/idgraph generate --preset starter --output $(DATASETS)/starter

test: lint ## Everything that has to pass.
	$(TEST_VENV)/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(TIMED)) $(LONG) $(SHORT)
	$(TEST_VENV)/bin/python -m pytest -n 2 --dist loadfile $(TIMED)

lint: $(TEST_VENV)/.installed ## Style, types and layers.
	$(TEST_VENV)/bin/ruff check .
	$(TEST_VENV)/bin/ruff format --check .
	$(TEST_VENV)/bin/mypy
	$(TEST_VENV)/bin/lint-imports

docs: $(VENV)/.installed ## Writes the pages of docs/ that come from the catalogue, the configuration and the API.
	$(VENV)/bin/idgraph docs
	$(VENV)/bin/python -m webapp.api.document docs/openapi.json

pictures: $(TEST_VENV)/.installed ## Takes the README's pictures anew, with a real server and a real browser.
	$(TEST_VENV)/bin/python scripts/pictures.py

bench: $(BENCH_VENV)/.installed ## Times, peak memory and ratios beside tools of others; see docs/benchmarks.md.
	$(BENCH_VENV)/bin/python scripts/bench

clean: ## Removes environments and caches; datasets stay.
	rm -rf $(VENV) $(TEST_VENV) $(BENCH_VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find generation tests $(wildcard webapp migrations) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: $(SOURCES) | python
	$(PYTHON) -m venv $(VENV)
	$(call install,$(VENV),embedded$(comma)web)
	@touch $@

$(TEST_VENV)/.installed: $(SOURCES) | python
	$(PYTHON) -m venv $(TEST_VENV)
	$(call install,$(TEST_VENV),test)
	@touch $@

$(BENCH_VENV)/.installed: $(SOURCES) | python
	$(PYTHON) -m venv $(BENCH_VENV)
	$(call install,$(BENCH_VENV),bench)
	@touch $@

python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here; install Python 3.11 or newer, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
