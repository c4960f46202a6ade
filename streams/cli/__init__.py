"""The command line: signatures, exit codes, errors in words; what a command does stands in `commands`.

May import: bridges, broker, client, config, contract, doors, engine, exporting, following, operations, posting, records, review, service, serving, telemetry,
terminal, text, web, cache, sources.
"""
