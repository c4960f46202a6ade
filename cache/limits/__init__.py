"""Turns and bans: a site's windows, shared by the whole fleet.

May import: backoff, clock, headers, rules, lua_script, whole_body.
"""
