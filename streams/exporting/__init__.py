"""The known records in the forms that other programs read: lines, tables, lists of ids, files of media managers.

A form is a file of its own and a line in `forms`; whatever the form, records are read a page at a time.

May import: broker, contract, cache, sources.
"""
