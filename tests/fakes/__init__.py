"""Fakes: one for each port, held to the same contract tests as the real adapter."""
