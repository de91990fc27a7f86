# Needs Python >= 3.11 with venv, and make. What an interrupted run left half done, the next one does again.
PYTHON ?= python3
# An environment for each interpreter: .venv for the usual one, .venv-python3.13 for PYTHON=python3.13.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(subst /,_,$(PYTHON)))
BIN := $(VENV)/bin
SERVICE := $(VENV)/.service-installed
TOOLS := $(VENV)/.tools-installed

# Tests start many interpreters: without compiled modules on disk each of them compiles all of Twisted and of this.
unexport PYTHONDONTWRITEBYTECODE
# A worker that has nothing left takes tests from the end of another's list, so modules stay together while they can.
PYTEST := $(BIN)/python -m pytest --numprocesses=auto --dist=worksteal

.PHONY: venv demo test unit coverage simulate bench soak cyrus james clean

venv: $(TOOLS)

# What the service needs, and nothing else. Modules are compiled when they are first used: most never are.
$(SERVICE): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	touch $@

$(TOOLS): $(SERVICE)
	$(BIN)/python -m pip install --quiet 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

demo: $(SERVICE)
	$(BIN)/mailroom demo

test: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST)

# What needs neither a server nor a process of its own.
unit: venv
	$(PYTEST) --ignore=tests/integration --ignore=tests/processes

coverage: venv
	$(PYTEST) --cov

# SEEDS=1000 runs so many, from FIRST=n on if it is given; SEED=n shows one of them, as short as it still fails.
simulate: venv
	SEED=$(SEED) SEEDS=$(SEEDS) FIRST=$(FIRST) PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation

bench: venv
	$(BIN)/python -m tests.bench

# An hour on a real Cyrus, or MINUTES=10.
soak: venv
	$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),60)

cyrus: venv
	$(BIN)/python -m tests.integration.cyrus

james: venv
	$(BIN)/python -m tests.integration.james

clean:
	rm -rf .venv .venv-* build dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
