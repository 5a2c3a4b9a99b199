"""Search: what is written, what it means in a library's own words, and what must hold of a photo."""
