"""A record's life: known, output, emission, revision, refresh, drift, lookup, explanation.

May import: broker, config, contract, engine, matching, merging, review, telemetry, text, cache, sources.
"""
