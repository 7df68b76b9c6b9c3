"""Crowds and those who abuse: the rows F-50 to F-59, against one web process with Redis, PostgreSQL and nginx.

Numbers decide, not times: what arrived, what was refused, how much memory it took. `FAULTS=full` takes the
sizes of the catalogue.
"""
