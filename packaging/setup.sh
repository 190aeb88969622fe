# shellcheck shell=sh disable=SC2086  # lists of names are split at blanks on purpose
#
# Sourced by packaging/run.sh, packaging/bundle.sh and tests/run.sh, in the checkout's root: sets up what they need.
#
# prepare NAME LOCK     an environment with what LOCK pins; afterwards $python is its Python
# system_libraries      asks the loader for Qt's libraries; installs, as root, those that lack
# programs PART         the same for the programs and fonts that PART of the work uses
#
# Every step looks first and does nothing where nothing is missing, so a second start is quick and
# needs no network. POSIX sh; git, ip and curl are not needed.

venv=${ZAPDESK_VENV:-$PWD/.venv}

# say LINE...: one line for each argument.
say() {
    printf '%s\n' "$@"
}

fail() {
    printf 'zapdesk: %s\n' "$*" >&2
    exit 1
}

# apt_install PACKAGE...: succeeds when they are installed; says the command where it may not.
apt_install() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "Install them with:"
        say "    sudo apt-get update && sudo apt-get install --no-install-recommends $*"
        return 1
    fi
    say "Installing with apt: $*"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    words=$(mktemp) || return 1
    if apt-get update -qq </dev/null >"$words" 2>&1 &&
        apt-get install -qq -y --no-install-recommends "$@" </dev/null >"$words" 2>&1; then
        rm -f "$words"
    else
        cat "$words"
        rm -f "$words"
        say "apt-get could not install them; its own words are above."
        return 1
    fi
}

# site_of PYTHON: where its packages lie, if zapdesk runs on it and it can make environments.
site_of() {
    "$1" -c 'import ensurepip, sys, sysconfig
print(sysconfig.get_path("purelib"))
sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

find_base_python() {
    for candidate in python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if site_of "$candidate" >/dev/null; then
            say "$candidate"
            return 0
        fi
    done
    return 1
}

make_environment() {
    base=$(find_base_python) || {
        say "zapdesk needs Python 3.11, 3.12 or 3.13 with its venv module."
        apt_install python3 python3-venv || exit 1
        base=$(find_base_python) || fail "this system's python3 is not one of these versions"
    }
    say "Making a virtual environment in $venv"
    "$base" -m venv --clear "$venv" || fail "the virtual environment could not be made"
    site=$(site_of "$python") || fail "the new virtual environment does not work"
}

prepare() {
    lock=$2
    python=$venv/bin/python
    site=$(site_of "$python") || site=
    # The copy of the lock lies among the packages: another Python, or a new lock, has no such copy.
    if [ -z "$site" ] || ! cmp -s "$lock" "$site/zapdesk-$1.lock"; then
        if [ -z "$site" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
            make_environment
        fi
        say "Installing the packages pinned in $lock (the first time this takes a minute or two)"
        "$python" -m pip install --quiet --disable-pip-version-check --no-input \
            --require-hashes --requirement "$lock" </dev/null ||
            fail "the packages could not be installed; pip's own words are above"
        cp "$lock" "$site/zapdesk-$1.lock"
    fi
    # The checkout itself is what runs: nothing is built or copied.
    printf '%s\n' "$PWD" >"$site/zapdesk-checkout.pth"
}

# packages PART NAME...: the packages of PART whose library, command or file is among the names.
packages() {
    part=$1
    shift
    for name in "$@"; do
        while read -r of package sign; do
            if [ "$of" = "$part" ] && [ "$sign" = "$name" ]; then
                say "$package"
            fi
        done <packaging/system-packages.txt
    done | sort -u
}

# The libraries that Qt's modules and the plugins for this display ask for and the loader lacks.
missing_libraries() {
    qt=$site/PySide6
    set -- QtWidgets QtSvg QtNetwork QtDBus
    for module in "$@"; do
        shift
        set -- "$@" "$qt/$module.abi3.so"
    done
    set -- "$@" "$qt/Qt/plugins/platforms/libqoffscreen.so"
    if [ -n "${DISPLAY:-}" ]; then
        set -- "$@" "$qt/Qt/plugins/platforms/libqxcb.so" "$qt"/Qt/plugins/xcbglintegrations/*.so
    fi
    if [ -n "${WAYLAND_DISPLAY:-}" ]; then
        set -- "$@" "$qt/Qt/plugins/platforms/libqwayland.so" \
            "$qt/Qt/plugins/wayland-shell-integration/libxdg-shell.so" \
            "$qt/Qt/plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.so"
    fi
    ldd "$@" 2>/dev/null | while read -r library _ rest; do
        case $rest in
        'not found'*) say "$library" ;;
        esac
    done | sort -u
}

system_libraries() {
    command -v ldd >/dev/null || return 0
    missing=$(missing_libraries)
    [ -n "$missing" ] || return 0
    say "The window needs system libraries that are not installed:"
    printf '    %s\n' $missing
    wanted=$(packages running $missing)
    [ -n "$wanted" ] || return 1
    apt_install $wanted || return 1
    missing=$(missing_libraries)
    [ -z "$missing" ] || {
        say "These are still missing:" "$missing"
        return 1
    }
}

programs() {
    wanted=$(while read -r part package sign; do
        [ "$part" = "$1" ] || continue
        case $sign in
        /*) [ -e "$sign" ] || say "$package" ;;
        *) command -v "$sign" >/dev/null || say "$package" ;;
        esac
    done <packaging/system-packages.txt)
    [ -n "$wanted" ] || return 0
    say "Programs or fonts for $1 are not installed."
    apt_install $wanted
}
