"""Tests of the commands of manage.py.

May import everything.
"""
