"""Deploys Heliograph to AWS from infra/*.yaml: `make deploy`, `make destroy`."""
