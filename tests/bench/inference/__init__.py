"""How fast the inference worker is, beside what its networks alone could do: `python -m tests.bench.inference`."""
