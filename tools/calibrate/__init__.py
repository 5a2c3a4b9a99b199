"""Fits the temperature of a network to labelled photos."""
