# make book   build the book into _build/html          make test     prove everything
# make serve  show it on http://127.0.0.1:8000         make refresh  re-execute notebooks
# make lab    edit lessons in JupyterLab               make bench    compare with peers
# make clean  remove what was built
#
# One lesson only: make refresh LESSON=book/likelihood/coin.ipynb

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
PORT ?= 8000

.PHONY: book serve lab refresh test bench clean

book: $(READY)
	@$(BIN)/python -m tools.build

serve: book
	@echo "Serving on http://127.0.0.1:$(PORT), stop with Ctrl+C"
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

lab: $(READY)
	$(BIN)/jupyter lab book

refresh: $(READY)
	@$(BIN)/python -m tools.refresh $(LESSON)

test: $(READY)
	@echo "== style and types"
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@echo "== package, ledger, notebooks"
	$(BIN)/pytest -n auto mlnotes tests --ignore=tests/site
	@echo "== every number of the book"
	$(BIN)/pytest --nbval --nbval-current-env --nbval-cell-timeout=60 \
		-n auto --dist loadscope -W default book
	@echo "== the book"
	$(BIN)/python -m tools.build
	@echo "== the site, in a browser"
	$(BIN)/pytest -n auto tests/site

bench: $(READY)
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf _build .hypothesis .mypy_cache .pytest_cache .ruff_cache

# Reinstalled when the pinned environment changes.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	@touch $@
