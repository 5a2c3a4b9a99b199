"""`python -m tools.models`: fetches the weights of models/manifest.toml, verifies them and makes them ready to run."""
