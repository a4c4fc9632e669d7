# Every target makes the virtual environment that it needs; `make help` lists them.

PYTHON ?= python3
VENV ?= .venv

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

# What an installation depends on: the metadata, and whatever is compiled.
SOURCES := pyproject.toml setup.py \
	$(wildcard cs231n/kernels/*.pyx cs231n/kernels/c/*.c cs231n/kernels/c/*.h)

SANITIZE := -g -fsanitize=address,undefined -fno-sanitize-recover=undefined

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench sanitize notebooks docs clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.installed-base ## install, and run the main job: what is each technique worth?
	$(BIN)/cs231n squeeze

test: $(VENV)/.installed-test ## install, and run the tests
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-lint ## check style, types and Cython
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/cython-lint cs231n
	$(BIN)/mypy

bench: $(VENV)/.installed-bench ## time the kernels against NumPy and PyTorch
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.augmentation

sanitize: $(VENV)/.installed-test ## run the kernels' tests under the address and undefined-behaviour sanitizers
	rm -rf build/sanitize && mkdir -p build/sanitize
	cp -r cs231n tests setup.py pyproject.toml README.md build/sanitize
	rm -f build/sanitize/cs231n/kernels/_*.so
	$(BIN)/python -m pip install --quiet 'setuptools>=77' 'cython>=3.1,<4'
	cd build/sanitize && CFLAGS="$(SANITIZE)" LDFLAGS="$(SANITIZE)" \
		"$(abspath $(BIN))/python" setup.py --quiet build_ext --inplace
	cd build/sanitize && ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
		LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" \
		"$(abspath $(BIN))/python" -m pytest -p no:cacheprovider tests/kernels

notebooks: $(VENV)/.installed-notebooks ## run all notebooks from top to bottom, in place
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace notebooks/*.ipynb

docs: $(VENV)/.installed-docs ## write the API's pages to docs/api/
	$(BIN)/pdoc --docformat numpy --output-directory docs/api cs231n

clean: ## remove what was built, but no results
	rm -rf $(VENV) build dist *.egg-info docs/api .pytest_cache .ruff_cache .mypy_cache .hypothesis
	rm -f cs231n/kernels/_*.c cs231n/kernels/_*.so cs231n/kernels/_*.pyd
	find cs231n tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# .installed-EXTRA: the package, editable, with the packages of one extra; base is none of them.
$(VENV)/.installed-%: $(SOURCES) | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --editable ".$(patsubst %,[%],$(filter-out base,$*))"
	@touch $@
