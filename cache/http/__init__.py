"""RFC 9111 as a client middleware: what may be kept, what is served, what is checked again.

May import: backoff, clock, bypass, freshness, headers, info, reads, limits, rules, single_flight, store, block_page, text.
"""
