#!/bin/sh
# Makes the bundle: dist/zapdesk, a folder with zapdesk, its Python and its Qt in it, for computers
# that have neither, and the same as one file to hand on. It runs on systems with the C library of
# this one or a newer one. `sh packaging/desktop.sh install …/zapdesk` makes it known to a desktop.
set -u
cd "$(dirname "$0")/.." || exit
# Of its own, so that nothing that only tests use gets in.
ZAPDESK_VENV=${ZAPDESK_VENV:-$PWD/build/venv}
. packaging/setup.sh

prepare bundle packaging/bundle-requirements.txt
programs bundling || exit
# Debian has Python's own library, which the bundle needs, as a package apart.
library=$("$python" -c 'import os, sys, sysconfig
folder, name = map(sysconfig.get_config_var, ("LIBDIR", "INSTSONAME"))
if name.startswith("libpython") and not os.path.exists(os.path.join(folder, name)):
    print("libpython%d.%d" % sys.version_info[:2])')
if [ -n "$library" ] && ! ldconfig -p | grep -q "$library.so"; then
    apt_install "$library" || exit
fi

say "Making the bundle"
"$python" -m PyInstaller --noconfirm --clean --log-level ERROR \
    --distpath dist --workpath build/bundle packaging/zapdesk.spec </dev/null || exit
version=$(dist/zapdesk/zapdesk --version) || fail "the bundle does not start"
archive=dist/$(say "$version" | tr ' ' -)-$(uname -sm | tr 'A-Z ' 'a-z-').tar.xz
tar -C dist -cJf "$archive" zapdesk || exit
say "$version: dist/zapdesk and $archive"
