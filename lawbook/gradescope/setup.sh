#!/usr/bin/env bash
# Made by Lawbook.  Gradescope runs this once, as root, when it builds the image.
set -euo pipefail
umask 022
base="${LAWBOOK_AUTOGRADER:-/autograder}"
source="$base/source"
fits='import sys; sys.exit(sys.version_info < (3, 11))'
export DEBIAN_FRONTEND=noninteractive

apt-get update
# shellcheck disable=SC2046 # one word for each package
apt-get install -y --no-install-recommends $(cat "$source/packages.txt")

python=python3
if ! "$python" -c "$fits"; then # older images have Python 3.11 beside their own
  python=python3.11
  apt-get install -y --no-install-recommends python3.11 python3.11-venv
fi
"$python" -m venv "$base/venv"
"$base/venv/bin/pip" install --no-cache-dir --requirement "$source/requirements.txt"

chmod -R u=rwX,go=rX "$source/src" "$source/adapter"
chmod 700 "$source/private"
chmod 600 "$source"/private/*
"$base/venv/bin/python" -m compileall -q "$source/src"
"$base/venv/bin/python" -I "$source/start.py" --doctor
