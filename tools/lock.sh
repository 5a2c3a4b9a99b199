#!/bin/sh
# Pins and hashes every Python requirement again from the pyproject.toml files: `make lock`, after a change there.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
compile() {
    "$uv" pip compile "$@" --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet \
        --no-emit-package heliograph
}
compile shared/pyproject.toml services/*/pyproject.toml --group pyproject.toml:test -o requirements/dev.txt
compile shared/pyproject.toml services/*/pyproject.toml --group pyproject.toml:demo -c requirements/dev.txt -o requirements/demo.txt
compile --group pyproject.toml:standin -o requirements/standin.txt
compile --group pyproject.toml:infra -o requirements/infra.txt
compile --group pyproject.toml:scan -o requirements/scan.txt
compile --group pyproject.toml:models -c requirements/dev.txt -o requirements/models.txt
compile --group pyproject.toml:uv -o requirements/uv.txt
for service in auth upload metadata inference; do
    compile "services/$service/pyproject.toml" -c requirements/dev.txt -o "requirements/$service.txt"
done
compile services/inference/pyproject.toml --group pyproject.toml:gpu --no-emit-package onnxruntime -o requirements/inference-gpu.txt
