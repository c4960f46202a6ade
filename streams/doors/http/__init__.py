"""The HTTP API under ``/v1``: ask, look up, read everything, follow the changes."""
