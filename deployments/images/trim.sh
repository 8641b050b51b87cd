#!/bin/sh
# Take out of an environment what no program of an image needs, and compile what it imports: trim.sh VENV MODULE…
#   packages' own tests (folders named tests with test files in them), sources and headers of compiled code, and
#   compiled files of modules that nobody imports
set -eu
venv=$1
shift
find "$venv" -type d \( -name tests -o -name test \) -prune -print | while read -r folder; do
    [ -z "$(find "$folder" -maxdepth 2 \( -name 'test_*.py' -o -name conftest.py \) -print -quit)" ] || rm -rf "$folder"
done
find "$venv" -type d -name __pycache__ -prune -exec rm -rf {} +
find "$venv/lib" -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.a' \) -delete
for module in "$@"; do
    "$venv/bin/python" -c "
import pkgutil
from importlib import import_module
package = import_module('$module')
for module in pkgutil.walk_packages(package.__path__, '$module.'):
    if not module.name.endswith('__main__'):
        import_module(module.name)
"
done
