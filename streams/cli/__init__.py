"""The command line: signatures, exit codes, errors in words; what a command does stands in `commands`.

May import: broker, client, config, contract, doors, exporting, operations, records, review, service, telemetry,
terminal, text, web, cache, sources.
"""
