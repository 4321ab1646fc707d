# What CI runs is what you run: `make test`.

.PHONY: test fmt lint deny jq unit judge crashes soak bench

test: fmt lint deny unit

fmt:
	cargo fmt --all --check

lint:
	cargo clippy --all-targets --locked -- -D warnings

# Bans, licences and sources always; advisories where their database can be had.
deny: target/tools/bin/cargo-deny
	target/tools/bin/cargo-deny --locked check bans licenses sources
	@if target/tools/bin/cargo-deny --locked fetch db >/dev/null 2>&1; then \
	  target/tools/bin/cargo-deny --locked check advisories; \
	else echo "advisories: their database cannot be reached from here, not checked"; fi

target/tools/bin/cargo-deny:
	cargo install --locked --debug --version ^0.20 --root target/tools cargo-deny

# What the comments of examples/ci are written with; the tests run them. It comes with the system, as curl and git do.
jq:
	@command -v jq >/dev/null || { apt-get update && apt-get install --yes jq; } || \
	  { echo "the tests need jq: install it with your system's package manager"; exit 1; }

# Most tests wait for processes half of the time: three for every two processors keep them busy.
THREADS := $(shell echo $$(( ($$(nproc) * 3 + 1) / 2 )))

unit: jq
	WXOPS_SEED=$(or $(SEED),7) RUST_TEST_THREADS=$(THREADS) cargo test --locked

# The simulator judged by a published SDK, step by step (part of `unit`; tests/judge/README.md).
judge:
	cargo test --locked --test all judge:: -- --nocapture

# The loop under faults: SEED=… draws the same again (it is printed), MINUTES=… says for how long (20). Before it what costs
# most when it goes wrong: 500 kills while a mini-program is registered, 300 while its code is on its way to users, every two of
# the answers on either way lost, and 300 histories of what may happen to code.
soak:
	WXOPS_SOAK=1 WXOPS_SEED=$(or $(SEED),7) cargo test --locked --test all -- kill::registrations:: kill::code:: kill::audits:: states_of_code:: registrations:: --nocapture
	WXOPS_SEED=$(SEED) WXOPS_SOAK_MINUTES=$(or $(MINUTES),20) cargo test --locked --test soak -- --nocapture

# Longer crash tests: 500 kills of the store, at least 20 kills of apply in every stage of the journal, and those of `soak`.
crashes:
	WXOPS_SOAK=1 cargo test --locked --test all -- store_crash:: kill:: registrations:: --nocapture

bench:
	cargo bench --locked
