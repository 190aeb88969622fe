#!/bin/sh
# Proves both commands and the bundle on a bare Debian 12: a tree with python3, python3-venv and ca-certificates
# and nothing else, entered by chroot with a copy of the checkout. Needs root, mmdebstrap and about
# 4 GB in TREE. `sh packaging/prove-bare.sh [TREE]`; the tree is kept for a look, and made anew.
#
# Nothing of this machine's settings gets into the tree but what pip needs to reach its index.
set -eu
cd "$(dirname "$0")/.."
tree=${1:-/var/tmp/zapdesk-bare}

[ "$(id -u)" -eq 0 ] || {
    echo "prove-bare.sh enters a chroot, so it needs root" >&2
    exit 1
}
command -v mmdebstrap >/dev/null || apt-get install -qq -y mmdebstrap

leave() {
    for mount in "$tree/dev/pts" "$tree/proc"; do
        if mountpoint -q "$mount"; then umount --lazy "$mount"; fi
    done
}
trap leave EXIT
trap 'exit 130' INT TERM
leave
if [ -e "$tree" ]; then
    [ -e "$tree/made-by-prove-bare" ] || {
        echo "$tree exists and is not a tree of this script; it is left alone" >&2
        exit 1
    }
    rm -rf --one-file-system "$tree"
fi
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    bookworm "$tree"
touch "$tree/made-by-prove-bare"
cp /etc/resolv.conf "$tree/etc/resolv.conf"
mount -t proc proc "$tree/proc"
mount -t devpts -o newinstance,ptmxmode=666 devpts "$tree/dev/pts"

# The certificates and the package index that pip is told of here.
lent=
for variable in PIP_INDEX_URL PIP_CERT SSL_CERT_FILE http_proxy https_proxy no_proxy; do
    value=$(printenv "$variable" || true)
    [ -n "$value" ] || continue
    lent="$lent $variable=$value"
    if [ -f "$value" ]; then install -D -m 644 "$value" "$tree/$value"; fi
done

# inside USER COMMAND: in USER's copy of the checkout, with no language, display or session.
inside() {
    home=$tree/home/$1
    if [ ! -d "$home" ]; then
        mkdir -p "$home/zapdesk"
        tar -c --exclude=./.venv --exclude=./build --exclude=./dist --exclude=./.git --exclude=./.cache --exclude='*_cache' . |
            tar -x --no-same-owner -C "$home/zapdesk"
        chroot "$tree" chown -R "$1:" "/home/$1"
    fi
    printf '\n#### %s: %s\n' "$1" "$2"
    # shellcheck disable=SC2086  # a list of assignments
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="/home/$1" \
        $lent chroot --userspec="$1:" "$tree" sh -c "cd ~/zapdesk && $2" </dev/null
}

chroot "$tree" useradd --no-create-home user
# Not root, and Qt's libraries missing: the terminal serves, and the command for apt is printed.
inside user 'sh packaging/run.sh'
# Root installs what lacks; the second start finds everything in place.
inside root 'sh packaging/run.sh'
inside root 'sh packaging/run.sh'
# Not root, and everything there.
inside user 'sh packaging/run.sh'
inside root 'sh packaging/bundle.sh && dist/zapdesk/zapdesk --sandbox apps'
inside root 'CI=true sh tests/run.sh'
