"""The metadata service's use cases, and the Protocols of what they need."""
