"""Knows what is new before anybody asks: reads what sites list, and looks at known works when something may have happened.

What is due is decided by functions without clock or I/O (`pace`, `quarters`, `plan`); `scout` does it, over a `ledger`.

May import: stages, records, merging, config, telemetry, broker, contract, sources, cache.
"""
