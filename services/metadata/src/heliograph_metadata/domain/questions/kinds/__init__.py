"""The kinds of questions, one module each; ../registry.py lists them."""
