# Everything a newcomer or a contributor types. Each target sets up what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
JOBS ?= 2
HISTORIES ?= 10000

.PHONY: demo test check nightly lint types imports contract bench clean

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

nightly: $(READY)       ## random histories of companies, so many for each connector
	@ARSYNC_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest -q -n $(JOBS) tests/histories

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

imports: $(READY)
	@$(BIN)/lint-imports

bench: $(READY)         ## the figures, each beside a floor measured in the same run
	@$(BIN)/python -m bench

contract: $(READY)      ## the Xero requests against the vendor's official description (needs Node and the file)
	@$(BIN)/python -m pytest -q tests_contract

clean:
	rm -rf $(VENV) arsync-demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
