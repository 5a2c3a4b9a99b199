"""Preparing photos, the library, search, map, albums and progress."""
