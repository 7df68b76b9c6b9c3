"""Tests of the REST door: the whole application, asked in process over HTTP.

May import everything.
"""
