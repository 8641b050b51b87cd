#!/bin/sh
# Put uv on the path of an image's build stage, in the version that wrote the lock.
set -eu
python3 -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore "uv==0.13.9"
