# make run: set up and serve Inkline at http://localhost:8501        make test: set up and run every check
# make test-postgresql: the store's tests on a PostgreSQL server of their own
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PORT ?= 8501
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup test test-postgresql lint format clean system-run system-test

run: setup
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

setup: system-run .venv/.run

test: system-test .venv/.test lint
	$(BIN)/python -m pytest

test-postgresql: .venv/.test
	$(BIN)/python -m pip install -q -r requirements-postgresql.txt
	scripts/postgresql.sh tests/store tests/retouch tests/jobs tests/api

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv

system-run:
	@scripts/system.sh run

system-test:
	@scripts/system.sh test

.venv/bin/python: | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Inkline needs Python 3.11 or newer; $(PYTHON) is older. Set PYTHON=/path/to/python3.11." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install -q -r requirements.txt
	@touch $@

.venv/.test: requirements-dev.txt requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@ .venv/.run
