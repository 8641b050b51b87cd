# Give Me The Wine Price: `make help` lists what can be done. Needs Python, make and git.

SERVICE ?=
LINES ?= 50
BEGAN := $(shell date +%s)

RUN := .venv/bin
# The environment is there once something has been started; before that there is nothing to look at.
STARTED = [ -x $(RUN)/python ] || { echo "Nothing has been started here yet: make up starts it." >&2; exit 1; }
SUITE ?= tests
WORKERS ?= 2

export PYTHON DATA PREFECT_PORT MLFLOW_PORT SERVING_PORT LOCAL_STATE

# Where it is set, every process compiles every module again: with Prefect, MLflow and scikit-learn that
# doubles the time of each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env up down status logs clean lint format test test-tools bench-model bench-requests bench-serving bench-gate bench-drift bench-up doctor audit

help: ## List the targets
	@echo "Usage: make TARGET [VARIABLE=value]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
	@echo "Variables: DATA (folder of reviews), PREFECT_PORT, MLFLOW_PORT, SERVING_PORT, SERVICE and LINES (logs), SUITE and WORKERS (test)"

env: ## Make the environment (.venv) from the lock, with what the tests need
	@deployments/local/environment.sh dev

up: ## Start everything here, train, promote and serve; DATA=folder for your own reviews
	@deployments/local/environment.sh local
	@$(RUN)/python -m deployments.local up --began $(BEGAN)
	@deployments/local/compiled.sh keep

down: ## End every process of the local stack; data and models stay
	@if [ -x $(RUN)/python ]; then $(RUN)/python -m deployments.local down; else echo "Nothing was running."; fi

status: ## Show which services run, where, and whether they are healthy
	@$(STARTED)
	@$(RUN)/python -m deployments.local status

logs: ## Show the last lines of the logs; SERVICE=name for one, LINES=200 for more
	@$(STARTED)
	@$(RUN)/python -m deployments.local logs $(SERVICE) --lines $(LINES)

clean: ## End the local stack and remove all its state (.local) and the caches
	@if [ -x $(RUN)/python ] && [ -d .local ]; then $(RUN)/python -m deployments.local clean || true; fi
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@echo "Removed .local with all local models, data and logs. The environment (.venv) stays."

lint: env ## Check style, types, import contracts, workflows and the lock
	PATH="$$PWD/.local/tools/bin:$$PATH" uv lock --check --quiet
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports
	deployments/ci/actionlint.sh
	$(RUN)/zizmor --offline --quiet .github/workflows

format: env ## Format the code and mend what can be mended
	$(RUN)/ruff check --fix
	$(RUN)/ruff format

test: env ## Run every test that needs no cloud account; SUITE=tests/unit for a part
	$(RUN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder $(SUITE)

test-tools: ## Install the programs that tests need (Debian, Ubuntu): prints one command and runs it, with sudo
	@deployments/ci/packages.sh

bench-model: env ## Measure the model on DATA and write benchmarks/model.md
	$(RUN)/python -m benchmarks.bench_model

bench-requests: env ## Measure on DATA what people ask (short notes, languages, places) and write benchmarks/requests.md
	$(RUN)/python -m benchmarks.bench_requests

bench-serving: env ## Measure the service and write benchmarks/serving.md
	$(RUN)/python -m benchmarks.bench_serving

bench-gate: env ## Measure how the gate decides on DATA and write benchmarks/gate.md
	$(RUN)/python -m benchmarks.bench_gate

bench-drift: env ## Measure drift detection on DATA and write benchmarks/drift.md
	$(RUN)/python -m benchmarks.bench_drift

bench-up: env ## Measure make up from a clean clone and write benchmarks/stack.md
	$(RUN)/python -m benchmarks.bench_up

doctor: env ## Check settings, permissions and connections of this machine, and say what to do
	@$(RUN)/python -m deployments.doctor

audit: env ## Look for known vulnerabilities in the locked packages (needs the network)
	@deployments/ci/audit.sh
