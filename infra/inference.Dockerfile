# The inference worker with the networks that `make models` fetched; its context is models/. They keep their licences
# (models/README.md), so this image is for a registry of one's own.
ARG WORKER_IMAGE
FROM ${WORKER_IMAGE}
COPY manifest.toml *.onnx *.json /models/
COPY calibration /models/calibration
COPY classes /models/classes
