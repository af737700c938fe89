# What a change must pass, one recipe a step. `just check` is everything that CI runs.

# Everything that CI runs.
check: format lint test docs deny

# The formatting is rustfmt's.
format:
    cargo fmt --all --check

# No warning of the compiler or of clippy.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Every test.
test:
    cargo test --workspace --locked

# The documentation of the code builds without a warning.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Licences, sources and doubles of the packages we build on.
deny:
    cargo deny --locked check licenses bans sources

# Known vulnerabilities of those packages; fetches the advisory database, so it is no part of `check`.
audit:
    cargo deny check advisories

# Writes docs/functions.md from the catalogue.
generate:
    SHARESRV_GENERATE=1 cargo test --test tidy generated

# The built daemon by hand: the conversation of the README, and a hundred kills under load.
smoke:
    scripts/smoke
