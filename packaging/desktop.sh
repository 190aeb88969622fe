#!/bin/sh
# Makes zapdesk known to this user's desktop: an entry among the programs, its icon, and the type
# of run capsules (*.zapdesk), which then open by a double click. Nothing outside of the user's own
# folders is touched. For Linux and others with the freedesktop folders.
#
#     sh packaging/desktop.sh install [COMMAND…]   COMMAND is what starts zapdesk; without one, the
#                                                  environment of this checkout
#     sh packaging/desktop.sh remove
set -eu
cd "$(dirname "$0")/.."

TYPE=application/x-zapdesk
data=${XDG_DATA_HOME:-$HOME/.local/share}
config=${XDG_CONFIG_HOME:-$HOME/.config}
entry=$data/applications/zapdesk.desktop
type_file=$data/mime/packages/zapdesk.xml
icons=$data/icons/hicolor/scalable

usage() {
    sed -n "2,8s/^# \{0,1\}//p" "$0" >&2
    exit 2
}

# quoted WORD...: as the value of Exec wants it: quotes, and every backslash twice.
quoted() {
    for word in "$@"; do
        printf '"%s" ' "$(printf '%s' "$word" |
            sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')"
    done | sed 's/ $//'
}

# The programs that keep the desktop's own lists; each is passed over where it is not installed.
refresh() {
    if command -v update-mime-database >/dev/null && [ -d "$data/mime/packages" ]; then
        update-mime-database "$data/mime"
    else
        echo "update-mime-database is missing (package shared-mime-info): files are known by name only." >&2
    fi
    if command -v update-desktop-database >/dev/null && [ -d "$data/applications" ]; then
        update-desktop-database -q "$data/applications"
    fi
}

install_all() {
    if [ $# -eq 0 ]; then
        python=${ZAPDESK_VENV:-$PWD/.venv}/bin/python
        [ -x "$python" ] || {
            echo "There is no $python: sh packaging/run.sh makes it. Or name the command that starts zapdesk." >&2
            exit 1
        }
        # -P: a folder called zapdesk where the desktop happens to start it is not this program.
        set -- "$python" -P -m zapdesk
    fi
    command=$(quoted "$@" | sed 's/[\\&|]/\\&/g')
    mkdir -p "$data/applications" "$data/mime/packages" "$icons/apps" "$icons/mimetypes"
    sed "s|@COMMAND@|$command|" packaging/desktop/zapdesk.desktop >"$entry.new"
    mv "$entry.new" "$entry"
    cp packaging/desktop/zapdesk.xml "$type_file"
    cp packaging/desktop/zapdesk.svg "$icons/apps/zapdesk.svg"
    cp packaging/desktop/application-x-zapdesk.svg "$icons/mimetypes/application-x-zapdesk.svg"
    refresh
    # Nobody else opens the type, so the list of programs is enough; without it, the user's choice.
    if ! command -v update-desktop-database >/dev/null && command -v xdg-mime >/dev/null; then
        xdg-mime default zapdesk.desktop "$TYPE"
    fi
    echo "zapdesk is among the programs now, and run capsules (*.zapdesk) open with it."
}

remove_all() {
    rm -f "$entry" "$type_file" "$icons/apps/zapdesk.svg" "$icons/mimetypes/application-x-zapdesk.svg"
    refresh
    choices=$config/mimeapps.list
    if [ -f "$choices" ] && grep -q "^$TYPE=zapdesk.desktop;\{0,1\}\$" "$choices"; then
        sed -i.zapdesk "\|^$TYPE=zapdesk.desktop;\{0,1\}\$|d" "$choices"
        rm -f "$choices.zapdesk"
    fi
    for folder in "$icons/apps" "$icons/mimetypes" "$data/mime/packages" "$data/applications"; do
        rmdir "$folder" 2>/dev/null || true # where it holds nothing of anybody else
    done
    echo "zapdesk is no longer among the programs. Runs, settings and tokens are as they were."
}

case ${1:-} in
install)
    shift
    install_all "$@"
    ;;
remove)
    [ $# -eq 1 ] || usage
    remove_all
    ;;
*) usage ;;
esac
