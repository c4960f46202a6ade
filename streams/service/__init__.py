"""One worker process: put together, kept alive, kept tidy.

May import: broker, config, contract, engine, matching, records, stages, telemetry, cache, sources.
"""
