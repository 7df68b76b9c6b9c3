"""The checks C1 to C15, pure: each reads a Case (history, dump, bounds) and yields Violations.

Imports history and dump; checker.py runs them all.
"""
