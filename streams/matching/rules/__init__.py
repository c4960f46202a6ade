"""The rules by which a work is the answer or not, as data: listed in order, each with a sentence and a weight.

May import: contract, text.
"""
