"""Admission of new photos: duplicates, presigned uploads, direct upload."""
