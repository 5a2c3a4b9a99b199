"""What Ultralytics' own code says of the test photos, recorded, and how the inference service compares with it."""
