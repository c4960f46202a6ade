"""One worker process: put together, kept alive, kept tidy.

May import: broker, config, contract, engine, following, matching, records, review, stages, telemetry, cache, sources.
"""
