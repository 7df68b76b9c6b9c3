"""Audit: the record of deeds, read by those who run the workspace, taken away as a file, and let go after its time.

Imports floors 1-5.
What stands in it comes from actions/audit.py, out of the transactions of the deeds; from here it goes to REST.
"""
