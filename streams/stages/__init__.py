"""The way of an event: accept, identify, collect, aggregate; and when a source is asked again.

May import: broker, config, contract, engine, matching, merging, records, review, telemetry, text, cache, sources.
"""
