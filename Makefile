# One command a chore. Needs python3 (3.11 to 3.13) and make; uses uv where it is on the PATH.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OTHERS := .venv-orchestrators
AUDIT := .venv-audit
# SKIP=kaggle leaves out the tests that have that mark.
QUICK := not slow$(if $(SKIP), and not $(SKIP))
# COVERAGE=yes asks for the floor of 95 %, as CI does: counting takes an eighth more.
COUNTED := $(if $(filter yes,$(COVERAGE)),-m slipcover)
# The longest part of the suite is one process: the others use what it leaves.
YIELDING := nice -n 5
SLOW := slow$(if $(SKIP), and not $(SKIP))
UV := $(shell command -v uv 2>/dev/null)

ifeq ($(UV),)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
else
# pip compiles what it installs, and uv does not: the first commands would start twice as slowly.
INSTALL = $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
endif

.DEFAULT_GOAL := help
.PHONY: help run install install-dev test test-core test-flows test-faults test-slow slow-core slow-flows slow-docs slow-faults test-deploy test-browser test-week chaos chaos-commands chaos-rest chaos-long lint format bench bench-folds bench-orchestrators bench-scale audit audit-survey coverage nights mutation audit-dependencies bill-of-materials docs pictures lock clean

help: ## list the chores
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is another. Say make PYTHON=python3.13, for instance." >&2; exit 2; }
ifeq ($(UV),)
	$(PYTHON) -m venv $(VENV)
else
	$(UV) venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV)
endif

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.run ## make .venv with what a run needs
install-dev: $(VENV)/.dev ## and with what tests and lint need

run: $(VENV)/.run ## train on HTRU2, or on what the demo finds, and publish a run
	@$(BIN)/pulsar demo

test: $(VENV)/.dev ## the suite, on two cores: what waits leaves room for the rest (COVERAGE=yes: with its floor)
	@$(MAKE) --no-print-directory -j3 test-core test-flows test-faults

test-core: $(VENV)/.dev ## what needs no server
	$(BIN)/python $(COUNTED) -m pytest -q -m "$(QUICK)" tests/slp tests/schemas tests/pulsars tests/tasks tests/interop $(PYTEST_FLAGS)

test-flows: $(VENV)/.dev ## flows, the command and the docs, on a real Prefect server
	$(YIELDING) $(BIN)/pytest -q -m "$(QUICK)" tests/flows tests/command tests/test_*.py $(PYTEST_FLAGS)

test-faults: $(VENV)/.dev ## rubbish, tampering, crashes, and what is started and stopped: on another
	$(YIELDING) $(BIN)/pytest -q -m "$(QUICK)" tests/chaos tests/service $(PYTEST_FLAGS)

test-slow: $(VENV)/.dev ## kills, races, ten seeds, more examples, background processes, every README command, the wheel
	@$(MAKE) --no-print-directory -j3 slow-flows slow-docs slow-faults slow-core

slow-core: $(VENV)/.dev
	$(BIN)/pytest -q -m "$(SLOW)" tests/slp tests/schemas tests/pulsars tests/tasks tests/interop $(PYTEST_FLAGS)
	$(BIN)/pytest -q -m "hypothesis and ($(QUICK))" --hypothesis-profile=thorough tests/slp tests/schemas tests/pulsars tests/tasks tests/interop $(PYTEST_FLAGS)

slow-flows: $(VENV)/.dev
	$(BIN)/pytest -q -m "$(SLOW)" tests/flows tests/command $(PYTEST_FLAGS)

slow-docs: $(VENV)/.dev
	$(BIN)/pytest -q -m "$(SLOW)" tests/test_*.py $(PYTEST_FLAGS)

slow-faults: $(VENV)/.dev
	$(BIN)/pytest -q -m "$(SLOW)" tests/chaos tests/service $(PYTEST_FLAGS)

test-deploy: $(VENV)/.dev ## workers, PostgreSQL, Redis, automations (needs both; 10 minutes)
	$(BIN)/pytest -q tests/deploy $(PYTEST_FLAGS)

test-browser: $(VENV)/.dev ## every page and the Prefect UI, in the system's Chromium
	$(BIN)/pytest -q tests/browser $(PYTEST_FLAGS)

test-week: $(VENV)/.dev ## a simulated week of schedule, with a crash in between (minutes)
	$(BIN)/pytest -q tests/week $(PYTEST_FLAGS)

chaos: $(VENV)/.dev ## kill it, starve it, cut it off, crowd it, feed it rubbish (half an hour)
	@$(MAKE) --no-print-directory -j2 chaos-commands chaos-rest
	$(BIN)/python -m tests.chaos.tally .chaos-commands.json .chaos-rest.json

# Two halves, each with a Prefect server of its own: one alone waits for its server half the time.
COMMANDS := tests/chaos/test_kill.py tests/chaos/test_starve.py

chaos-commands: $(VENV)/.dev
	$(BIN)/pytest -q $(COMMANDS) --size full --tallies .chaos-commands.json $(PYTEST_FLAGS)

chaos-rest: $(VENV)/.dev
	$(BIN)/pytest -q tests/chaos $(COMMANDS:%=--ignore=%) --size full --tallies .chaos-rest.json $(PYTEST_FLAGS)

chaos-long: $(VENV)/.dev ## the same with more of each (hours)
	$(BIN)/pytest -q tests/chaos --size long $(PYTEST_FLAGS)

lint: $(VENV)/.dev ## ruff (lint and format) and strict types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## the speed claims, side by side in one run
	$(BIN)/python -m benchmarks.trainer
	$(BIN)/python -m benchmarks.command
	$(BIN)/python -m benchmarks.newton
	$(BIN)/python -m benchmarks.sweep

bench-scale: $(VENV)/.dev $(OTHERS)/.ready ## what many rows cost, beside the least that they could (SCALE_FLAGS="--full --curves")
	$(BIN)/python -m benchmarks.scale $(SCALE_FLAGS)

bench-folds: $(VENV)/.dev ## how fast folds are measured, on one core, beside naive loops, by two workers
	$(BIN)/python -m benchmarks.folds

bench-orchestrators: $(VENV)/.dev $(OTHERS)/.ready ## the same steps by Kedro, Dagster and Metaflow
	$(BIN)/python -m benchmarks.orchestrators $(OTHERS)/bin/python

# What this is timed beside: orchestrators, and polars.
$(OTHERS)/.ready: requirements-orchestrators.lock
	$(PYTHON) -m venv $(OTHERS)
	$(OTHERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

audit: $(VENV)/.dev ## every claim about the numbers, with its bound (15 minutes; AUDIT_FLAGS="--full --runner dask" for hours)
	$(BIN)/python -m benchmarks.audit $(AUDIT_FLAGS)

audit-survey: $(VENV)/.dev ## a survey of 20,000 folds a night is reviewed, and its next model is better (20 minutes, 3 GB)
	$(BIN)/python -m benchmarks.survey

coverage: $(VENV)/.dev ## of these: whether intervals hold the truth
	$(BIN)/python -m benchmarks.audit $(AUDIT_FLAGS) coverage

nights: $(VENV)/.dev ## and whether the champion gate can be worn down
	$(BIN)/python -m benchmarks.audit $(AUDIT_FLAGS) nights

mutation: $(VENV)/.dev ## change each formula in slp/ and see that a test fails (slow)
	$(BIN)/python -m benchmarks.mutation

audit-dependencies: $(AUDIT)/.ready ## known vulnerabilities of what the locks name, where they can be looked up
	.ci/audit $(AUDIT)/bin/pip-audit requirements.lock requirements-dev.lock deploy/requirements.lock

bill-of-materials: $(AUDIT)/.ready ## write bom.json (CycloneDX), what a run is made of
	$(AUDIT)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --short-PURLs \
	  --output-reproducible -o bom.json

$(AUDIT)/.ready: requirements-audit.lock
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

docs: $(VENV)/.dev ## write docs/commands.md anew from the command itself, and the list of decisions
	$(BIN)/python -m typer command.cli utils docs --name pulsar --output docs/commands.md
	$(BIN)/python docs/list_decisions.py

pictures: $(VENV)/.dev ## take the pictures in docs/pictures/ anew, in a real browser
	$(BIN)/python -m docs.take_pictures

lock: ## make the lock files anew, with hashes and no address
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group orchestrators -c requirements.lock pyproject.toml -o requirements-orchestrators.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group audit -o requirements-audit.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  --group build --extra dask --extra redis --extra s3 -c requirements.lock pyproject.toml -o deploy/requirements.lock

clean: ## remove the venv and caches; runs and data stay
	rm -rf $(VENV) $(OTHERS) $(AUDIT) bom.json .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage *.egg-info
