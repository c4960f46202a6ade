"""Publish, follow, and a whole pipeline in one process; behind ``from streams import enrich``.

May import: broker, config, contract, engine, records, service, cache, sources.
"""
