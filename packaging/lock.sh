#!/bin/sh
# Writes the lock files anew from pyproject.toml: exact versions, with hashes, for every platform.
# Needs uv. Where packages come from is this machine's own affair and never reaches the files.
set -eu
cd "$(dirname "$0")/.."

compile() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}

# What runs the program comes first; the others then hold exactly the same versions and more.
compile pyproject.toml --output-file packaging/requirements.txt "$@"
compile pyproject.toml --group bundle --constraint packaging/requirements.txt \
    --output-file packaging/bundle-requirements.txt "$@"
compile pyproject.toml --group test --constraint packaging/requirements.txt \
    --output-file tests/requirements.txt "$@"
