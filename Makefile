# Every target makes ready what it needs, on a bare machine too; nothing is done twice.
PYTHON ?= python3
BIN := .venv/bin
CODE := igentai_site topics producers orchestration tests bench

# The address of a package index and the folders of one machine have no place in a shared file.
PIP_COMPILE = $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host

# Many tests wait for processes that they started, so a machine of two cores has room for three at a time.
SIDE_BY_SIDE = -n 3 --dist worksteal

# Some tools praise at length: only what they blame is shown.
quietly = output=$$($(1) 2>&1) || { printf '%s\n' "$$output"; exit 1; }

export PYTHON
unexport VIRTUAL_ENV
MAKEFLAGS += --no-print-directory
.SILENT:
.NOTPARALLEL:
.PHONY: help setup run test check bench bench-yield screenshots requirements clean

help:
	echo "make setup         install into .venv and prepare the database"
	echo "make run           set up, then the engine and its portal (Ctrl-C stops both); ARGS=\"--port 8001\" passes flags on"
	echo "make test          every test on SQLite, then those of storage on PostgreSQL"
	echo "make check         format, lint, types, imports, Django's own checks"
	echo "make bench         benchmarks"
	echo "make bench-yield   the simulated yield of igentai beside its rivals, in about ten minutes"
	echo "make screenshots   the README's pictures, of a short simulated run; writes docs/images/"
	echo "make requirements  pin the dependencies of pyproject.toml anew"
	echo "make clean         delete .venv and what tools left behind; data stays"

setup:
	scripts/setup runtime
	$(BIN)/python manage.py prepare

run: setup
	exec $(BIN)/python scripts/foreground.py $(BIN)/python manage.py run_orchestrator $(ARGS)

test:
	scripts/setup dev browser aimock
	echo "test: everything, on SQLite"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	echo "test: storage, on PostgreSQL"
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --database postgresql -m storage

# No check may touch the data of whoever runs it.
check: export DATABASE_URL := sqlite://:memory:
check:
	scripts/setup dev
	echo "check: format"
	$(BIN)/ruff format --quiet --check .
	echo "check: lint"
	$(BIN)/ruff check --quiet .
	echo "check: types"
	$(BIN)/mypy --no-error-summary $(CODE)
	echo "check: imports"
	$(call quietly,$(BIN)/lint-imports)
	echo "check: Django"
	$(call quietly,$(BIN)/python manage.py check --fail-level WARNING)
	echo "check: Django, as deployed"
	export DJANGO_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" && \
		export DJANGO_ALLOWED_HOSTS=igentai.example && unset DJANGO_DEBUG && \
		$(call quietly,$(BIN)/python manage.py check --deploy --fail-level WARNING)
	echo "check: migrations"
	$(call quietly,$(BIN)/python manage.py makemigrations --check --dry-run)

bench:
	scripts/setup bench
	$(BIN)/python -m bench

bench-yield:
	scripts/setup bench
	$(BIN)/python -m bench.yields

screenshots:
	scripts/setup dev browser
	$(BIN)/python scripts/screenshots.py

requirements:
	scripts/setup dev
	echo "requirements: requirements.txt"
	$(PIP_COMPILE) --output-file=requirements.txt pyproject.toml
	echo "requirements: requirements-dev.txt"
	$(PIP_COMPILE) --allow-unsafe --extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt \
		pyproject.toml
	echo "requirements: requirements-bench.txt"
	$(PIP_COMPILE) --extra=bench --constraint=requirements.txt --constraint=requirements-dev.txt \
		--output-file=requirements-bench.txt pyproject.toml
	echo "requirements: requirements-node.txt"
	$(PIP_COMPILE) --output-file=requirements-node.txt requirements-node.in
	echo "requirements: requirements-semantic.txt"
	$(PIP_COMPILE) --extra=semantic --constraint=requirements.txt --constraint=requirements-dev.txt \
		--constraint=requirements-bench.txt --output-file=requirements-semantic.txt pyproject.toml

clean:
	rm -rf .venv .coverage .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .grimp_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
