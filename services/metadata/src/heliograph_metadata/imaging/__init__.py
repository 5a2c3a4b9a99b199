"""Pictures, by Pillow and libjpeg-turbo. Runs inside the reading process, where anything may be fed to it."""
