# `make` alone says what there is. Everything works as root and as an ordinary user.

SHELL := /bin/bash
CARGO ?= cargo
TESTS_PYTHON := $(CURDIR)/.venv/bin/python
# A lock file that does not fit is an error, not a reason to change it.
LOCKED := --locked

export ORGRAPH_TEST_PYTHON ?= $(TESTS_PYTHON)

.DEFAULT_GOAL := help
.PHONY: help setup build test test-cargo test-style test-python test-rust test-generated demo bench doc

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing: Debian packages, Python packages in .venv
	@tests/setup.sh

build: setup ## build the daemon, optimized: target/release/orgraph
	$(CARGO) build $(LOCKED) --release --package orgraph-daemon

test: setup ## everything a change must pass
	@# The Python tests wait for answers most of the time, so they run beside the compiler. Not by --jobs: cargo would
	@# share the job server, which waits for ever for what a killed test has borrowed from it.
	@$(MAKE) test-python & python=$$!; cargo=0; $(MAKE) test-cargo || cargo=$$?; wait $$python && exit $$cargo

test-cargo: test-style test-rust test-generated ## the part of it that cargo does

test-style: setup ## formatting and lints of Rust and Python
	$(CARGO) fmt --all --check
	$(TESTS_PYTHON) -m ruff format --check --quiet tests/aws
	$(TESTS_PYTHON) -m ruff check --quiet tests/aws
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings

test-python: setup ## the AWS stand-in, and the recorded AWS answers against botocore's models
	$(TESTS_PYTHON) tests/aws/check_fixtures.py
	$(TESTS_PYTHON) -m pytest tests/aws

test-rust: setup ## unit, store, replay and end-to-end tests
	$(CARGO) build $(LOCKED) --workspace --bins
	$(CARGO) test $(LOCKED) --workspace

test-generated: test-rust ## generated files are what the code would generate
	$${CARGO_TARGET_DIR:-target}/debug/orgraph catalog check

demo: setup ## a sample organization, a real sync, and questions to the graph
	deploy/demo/run.sh

bench: setup ## the store against raw COPY; linkers of and questions to a million entities; memory of partitions of 500,000 rows (an hour)
	$(CARGO) bench $(LOCKED) --package orgraph-store
	$(CARGO) bench $(LOCKED) --package orgraph-linking
	$(CARGO) bench $(LOCKED) --package orgraph-query --bench graph
	$(CARGO) bench $(LOCKED) --profile dev --workspace --bench whale

doc: ## the API documentation of all crates: target/doc
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(LOCKED) --workspace --no-deps
