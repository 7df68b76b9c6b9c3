"""The nightly look at what is derived from rows: whether it is what the rows say.

Imports pipeline, queries, models.
Beat starts it; what it has found stands in a row, from which health and metrics read. It repairs nothing by itself.
"""
