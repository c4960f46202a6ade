"""What travels: events, the record, their documents, and what would break a reader of them.

May import: sources.
"""
