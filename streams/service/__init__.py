"""One worker process: put together, kept alive, kept tidy.

May import: broker, config, contract, engine, following, matching, posting, records, review, stages, telemetry, cache, sources.
"""
