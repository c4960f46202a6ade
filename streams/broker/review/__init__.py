"""Owners of what people decide."""
