"""HTTP bodies of the library, a module for each module of routes."""
