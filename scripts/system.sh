#!/bin/sh
# Installs, through the system's package manager, what Inkline needs beside its Python packages.
# Usage: scripts/system.sh run|test
set -eu
PATH="$PATH:/sbin:/usr/sbin"
missing=""
need() { missing="$missing $1"; }
has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }
has_package() { apt-cache show "$1" >/dev/null 2>&1; }

"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || need python3-venv
command -v pdftoppm >/dev/null || need poppler-utils
if [ "$(uname)" = Linux ]; then # OpenCV's wheel links to these
    has_library libGL.so.1 || need libgl1
    has_library libgthread-2.0.so.0 || need libglib2.0-0
fi
if [ "${1:-run}" = test ]; then
    command -v chromium >/dev/null || need chromium
    command -v soffice >/dev/null || need libreoffice-writer-nogui
fi
[ -n "$missing" ] || exit 0

give_up() {
    echo "Inkline needs these system packages:$missing." >&2
    echo "$1" >&2
    exit 1
}
command -v apt-get >/dev/null ||
    give_up "Please install them with your package manager (on macOS: brew install poppler), then run make again."
sudo=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || give_up "Please run as root: apt-get install$missing"
    sudo=sudo
fi
echo "Installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq || give_up "The package lists could not be fetched. Check the network, then run make again."
# Debian 13 renamed this one.
has_package libglib2.0-0 || missing=$(echo "$missing" | sed 's/libglib2.0-0/libglib2.0-0t64/')
# shellcheck disable=SC2086 # one word a package
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    give_up "Installing them failed. Please run: apt-get install$missing"
