# SPDX-License-Identifier: Apache-2.0
# make demo · make test · make check · make bench · make prove: each sets itself up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 2) + 1)")
DISTRIBUTIONS := . plugins/canteen plugins/credit plugins/market themes/plain themes/festive
STAMP := $(VENV)/.ready

.PHONY: demo test check bench bench-city prove docs verifier format requirements env clean

env: $(STAMP)

$(STAMP): requirements.txt pyproject.toml plugins/canteen/pyproject.toml plugins/credit/pyproject.toml plugins/market/pyproject.toml themes/plain/pyproject.toml themes/festive/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Liren needs Python 3.11 or newer. 请安装 Python 3.11 或更新的版本。'; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo 'Python has no venv here: install it first, e.g. "apt install python3-venv". 请先安装 python3-venv。'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation $(foreach d,$(DISTRIBUTIONS),-e $(d))
	@touch $@

demo: $(STAMP)
	@exec $(BIN)/liren demo

# One worker more than there are cores: a fifth of the time tests wait, for a browser, a start, a clock.
test: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy core plugins/canteen/liren_canteen plugins/credit/liren_credit plugins/market/liren_market themes/plain/liren_theme_plain themes/festive/liren_theme_festive
	$(BIN)/lint-imports
	$(BIN)/python tests/check_house.py

bench: $(STAMP)
	$(BIN)/python -m tests.bench

# LIREN_BENCH_HOME=folder keeps its two streets there, and measures them without seeding next time.
bench-city: $(STAMP)
	$(BIN)/python -m tests.bench city

prove: $(STAMP)
	$(BIN)/python -m tests.prove

verifier: $(STAMP)
	mkdir -p dist
	$(BIN)/liren-verify --page dist/liren-verify.html

docs: $(STAMP)
	$(BIN)/python -m tests.docs

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements: $(STAMP)
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --all-extras --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --no-header --upgrade -o requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) var dist build
