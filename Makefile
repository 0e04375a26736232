# Everything a newcomer or a contributor types. Each target sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
JOBS ?= 2
HISTORIES ?= 10000
FUZZ ?= 100000
KILLS ?= 2000
FREEZES ?= 500
RACES ?= 10000
RESTORES ?= 100
SEED ?= $(shell date +%Y%j)

.PHONY: demo test check nightly lint types imports contract audit bench clean

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "arsync needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[sandbox,xlsx,dev]"
	@touch $@

demo: $(READY)          ## two companies from the first sync to the notes, on this machine alone
	@$(BIN)/arsync demo

test: $(READY)          ## all tests
	@$(BIN)/python -m pytest -q -n $(JOBS)

check: lint types imports test   ## what has to be green before a change lands

nightly: $(READY)       ## new draws of everything at random; each part is run, also after one that failed
	@echo "seed $(SEED)"; failed=0; \
	ARSYNC_DRAWS=anew ARSYNC_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest -q -n $(JOBS) -m hypothesis || failed=1; \
	export ARSYNC_SEED=$(SEED); \
	ARSYNC_KILLS=$(KILLS) ARSYNC_FREEZES=$(FREEZES) $(BIN)/python -m pytest -q -n $(JOBS) tests/crashes || failed=1; \
	ARSYNC_RACES=$(RACES) $(BIN)/python -m pytest -q -n $(JOBS) tests/races || failed=1; \
	ARSYNC_RESTORES=$(RESTORES) $(BIN)/python -m pytest -q -n $(JOBS) tests/loop/test_loop_restores_at_random.py || failed=1; \
	ARSYNC_FUZZ=$(FUZZ) ARSYNC_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest -q -n $(JOBS) tests/fuzz || failed=1; \
	exit $$failed

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

imports: $(READY)
	@$(BIN)/lint-imports

audit: $(READY)         ## known weaknesses of what is used (asks the package index), and bandit's rules on our own code
	@$(BIN)/python -m pip_audit --local --skip-editable
	@$(BIN)/ruff check --select S --ignore S101 src connectors

bench: $(READY)         ## the figures, each beside a floor measured in the same run
	@$(BIN)/python -m bench

contract: $(READY)      ## the Xero requests against the vendor's official description (needs Node and the file)
	@$(BIN)/python -m pytest -q tests_contract

clean:
	rm -rf $(VENV) arsync-demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
