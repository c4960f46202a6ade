"""Logs and traces.

May import: broker, config, text, cache.
"""
