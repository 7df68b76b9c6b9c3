"""Tests of the one way to write, on SQLite and on PostgreSQL; races use real transactions in real threads.

May import chat.pipeline and everything below.
threads.py runs functions at the same moment.
"""
