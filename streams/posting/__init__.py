"""Posts to addresses of the settings, signed as Standard Webhooks has it: what bridges send, and notices of our own.

May import: config, engine, stages, telemetry, cache, sources.
"""
