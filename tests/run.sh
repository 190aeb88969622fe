#!/bin/sh
# Sets everything up, then runs every check: lint, format, types, import contracts, dead code,
# tests. `sh tests/run.sh full` runs the long tests at their full counts and the benchmarks too.
set -u
cd "$(dirname "$0")/.." || exit
. packaging/setup.sh

case ${1:-} in
'') ZAPDESK_FULL= ;;
full) ZAPDESK_FULL=1 ;;
*) fail "usage: sh tests/run.sh [full]" ;;
esac
export ZAPDESK_FULL

prepare tests tests/requirements.txt
plugins=
if ! system_libraries; then
    say "Without these libraries the tests of the window are skipped."
    plugins="-p no:pytest-qt"
    export ZAPDESK_WITHOUT_QT=1
fi
programs testing || say "The tests that need them will say so and be skipped."

# The tests see no state, session, account or language of whoever runs them.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
mkdir -m 700 "$scratch/home" "$scratch/runtime"
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS PYTHON_KEYRING_BACKEND PYTHONPATH \
    XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME LC_ALL LANGUAGE \
    ZAPDESK_TOKEN ZAPDESK_BASE_URL QT_QPA_PLATFORM QT_SCALE_FACTOR QT_STYLE_OVERRIDE \
    QT_QPA_PLATFORMTHEME
export HOME="$scratch/home" XDG_RUNTIME_DIR="$scratch/runtime" ZAPDESK_HOME="$scratch/zapdesk" \
    LANG=C.UTF-8 TZ=UTC

failed=
check() {
    say "== $1"
    shift
    "$@" </dev/null || failed=yes
}
check "ruff check" "$python" -m ruff check .
check "ruff format" "$python" -m ruff format --check .
check "mypy --strict" "$python" -m mypy --strict zapdesk tests
check "import contracts" "$python" -c 'from importlinter.cli import lint_imports_command as lint
lint(["--no-logo"])'
check "vulture" "$python" -m vulture
[ -z "$failed" ] || fail "a check above found something to mend, so the tests were not run"

bus=
if command -v dbus-run-session >/dev/null; then
    bus="dbus-run-session --config-file=tests/session-bus.conf --"
fi
# pytest_on ARGUMENT...: no test running at all (5) is an error like any other.
pytest_on() {
    # shellcheck disable=SC2086  # no word, or two
    $bus "$python" -m pytest $plugins "$@" </dev/null || failed=yes
}
# Tests mostly wait, for a server or for a process, so two cores take more than two of them.
say "== pytest: three at a time"
pytest_on -n 3 --dist worksteal -m "not alone"
say "== pytest: what measures time, alone"
pytest_on -m alone
[ -z "$failed" ]
