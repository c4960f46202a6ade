"""`cached_result`: results of functions, kept by what the call means and by the code that made them.

May import: backoff, clock, bypass, info, reads, manager, rules, single_flight, store.
"""
