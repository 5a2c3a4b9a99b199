# MiniStack and dynoxide in one container that keeps its data: what docker-compose.persistent.yml runs for AWS.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS node
WORKDIR /tools
COPY tools/package.json tools/package-lock.json ./
RUN npm ci --no-audit --no-fund

FROM ${PYTHON_IMAGE}
WORKDIR /heliograph
COPY requirements/standin.txt /tmp/requirements.txt
RUN python3 -m venv --copies .tools/standin \
    && .tools/standin/bin/python -m pip install --no-cache-dir --require-hashes --only-binary=:all: -r /tmp/requirements.txt \
    && mkdir /data && chown 10001:10001 /data
COPY --from=node /tools/node_modules tools/node_modules
COPY tools/*.py tools/
COPY infra infra
USER 10001:10001
ENV PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
VOLUME /data
EXPOSE 4566 4569
HEALTHCHECK --interval=3s --timeout=5s --start-period=60s --retries=10 \
    CMD ["python3", "-c", "import pathlib, urllib.request as r; r.urlopen('http://127.0.0.1:4566/_ministack/ready', timeout=4); assert pathlib.Path('/tmp/is-set-up').exists()"]
STOPSIGNAL SIGTERM
CMD [".tools/standin/bin/python", "-m", "tools.standin", "--host", "0.0.0.0", "--data", "/data", "--shared-credentials", "/data/aws-credentials", "--tell", "/tmp/is-set-up"]
