#!/usr/bin/env bash
# Installs what building and testing need and is missing: Debian packages (as root, or with sudo when it asks for no
# password) and the Python packages of tests/aws in .venv. Does nothing when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

missing_packages() {
    has_postgres && command -v psql >/dev/null || echo postgresql
    command -v cc >/dev/null && command -v make >/dev/null || echo build-essential
    has_venv || echo python3-venv
}

install_packages() {
    local packages=$1 as_root=()
    if [ "$(id -u)" != 0 ]; then
        as_root=(sudo -n)
        if ! sudo -n true 2>/dev/null; then
            say "missing: $packages. Install them and try again: sudo apt-get install $packages"
            exit 1
        fi
    fi
    if ! command -v apt-get >/dev/null; then
        say "missing, under the names that Debian has for it: $packages. Install them and try again."
        exit 1
    fi
    say "installing $packages"
    "${as_root[@]}" apt-get update -q >&2
    # shellcheck disable=SC2086 # one word per package
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >&2
}

packages=$(missing_packages | tr '\n' ' ' | sed 's/ $//')
[ -z "$packages" ] || install_packages "$packages"

if ! command -v cargo >/dev/null; then
    say "missing: Rust. Install rustup (https://rustup.rs); rust-toolchain.toml chooses the version."
    exit 1
fi
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "missing: Python 3.11 or newer"
    exit 1
fi

# The stamp names what .venv was made from, and where: an environment cannot be moved.
stamp=$({ pwd && python3 --version && cat tests/aws/requirements.txt; } | sha256sum)
if [ "$(cat .venv/.stamp 2>/dev/null)" != "$stamp" ]; then
    say "installing Python packages into .venv"
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/aws/requirements.txt
    echo "$stamp" >.venv/.stamp
fi
