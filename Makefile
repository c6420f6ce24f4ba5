# Everything sets itself up: `make serve` and `make test` work on a fresh clone with Python alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header
# git keeps notebooks without their outputs (.gitattributes names the filter).
# Without the environment, as after `make clean`, they pass through as they are.
STRIP := git config filter.nbstripout.clean \
	'if [ -x $(BIN)/python ]; then $(BIN)/python -m nbstripout --keep-id; else cat; fi' \
	&& git config filter.nbstripout.smudge cat
SCRIPTS := $(shell find frontend -name node_modules -prune -o -name '*.js' -print)
PORT ?= 8000
CITY ?= .
ARGS ?=
# Python keeps what it has compiled, also where the environment says otherwise: each worker and each process
# that tests start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE
CORES = $(shell $(BIN)/python -c "import os; print(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count())")
# Who is done first takes over half of what another still has before it.
SHARED = --dist worksteal

.PHONY: help serve check notebooks report quick test lint types docs sample translations lock clean

help:  ## Show what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

serve: $(VENV)/serve $(VENV)/scripts  ## Serve the city at http://127.0.0.1:8000/
	$(BIN)/mapserver serve --city $(CITY) --port $(PORT)

check: $(VENV)/serve  ## Examine the city's data
	$(BIN)/mapserver check --city $(CITY)

# On a server: make notebooks CITY=mycity ARGS="--no-browser --port 8890 --allow-root"
notebooks: $(VENV)/notebooks  ## Open the notebooks in Jupyter, on the city named by CITY
	MAPSERVER_CITY="$$(cd "$(CITY)" && pwd)" $(BIN)/jupyter lab $(ARGS) notebooks

report: $(VENV)/dev  ## Rerun the notebooks on the city: build/report/report.html
	$(BIN)/mapserver report --city $(CITY) --out build/report

quick: $(VENV)/dev  ## Run the tests that need no browser, no notebook and no patience
	$(BIN)/pytest -n $(CORES) $(SHARED) -m "not browser and not notebooks and not slow" $(ARGS)

# Two workers more than there are cores, since browsers and servers are waited for a third of the time.
# (Quick tests wait for little, and each worker takes seconds to load all of the project and the sample.)
test: $(VENV)/dev  ## Run all tests
	$(BIN)/pytest -n $$(($(CORES) + 2)) $(SHARED) $(ARGS)

lint: $(VENV)/dev  ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python scripts/lint_frontend.py

types: $(VENV)/dev  ## Check types, strictly
	$(BIN)/mypy

docs: $(VENV)/dev  ## Build the documentation and the reference: build/docs/index.html
	rm -rf docs/reference/modules
	$(BIN)/sphinx-build -q -E -W --keep-going docs build/docs

sample: $(VENV)/dev  ## Draw the sample city anew; its bytes stay the same
	$(BIN)/python scripts/make_sample_city.py

# The template is worked out anew each time; only the .po files, which people edit, are kept.
translations: $(VENV)/dev  ## Collect the texts into the .po files, to be translated there
	mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ --omit-header --no-location --sort-output -o build/messages.pot .
	for lang in ko en; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --no-wrap \
		-l $$lang -i build/messages.pot -o mapserver/translations/$$lang/LC_MESSAGES/messages.po; done
	$(BIN)/pybabel -q compile -d mapserver/translations

lock: $(VENV)/dev  ## Write the lock files anew from pyproject.toml
	$(COMPILE) --group build pyproject.toml -o requirements.lock
	$(COMPILE) --group dev --group docs -c requirements.lock -o requirements-dev.lock

clean:  ## Remove everything that was set up
	rm -rf $(VENV) build dist frontend/node_modules mapserver/fonts mapserver/drawing/company mapserver/report/*.js
	cd mapserver/web/static && rm -rf vendor .scripts *.js

# The locks pin every package with its hash. The project itself is installed editable, which also
# brings Leaflet through npm, bundles the scripts and compiles the translations (hatch_build.py).
$(VENV)/serve: pyproject.toml requirements.lock hatch_build.py frontend/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Maenballo needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# A script that was edited is bundled anew.
$(VENV)/scripts: $(VENV)/serve $(SCRIPTS)
	$(BIN)/python hatch_build.py
	@touch $@

$(VENV)/dev: $(VENV)/serve requirements-dev.lock | $(VENV)/scripts
	$(PIP) install --require-hashes -r requirements-dev.lock
	@if git rev-parse --git-dir >/dev/null 2>&1; then $(STRIP); fi
	@touch $@

# JupyterLab is for people; the tests and the report run the notebooks without it.
$(VENV)/notebooks: $(VENV)/dev
	$(PIP) install --no-build-isolation --editable '.[notebooks]'
	@touch $@
