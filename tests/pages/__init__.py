"""Tests of the HTML pages, asked as a browser asks.

Import what chat.pages is built on, and the cast.
Run by the test stages on SQLite and on PostgreSQL.
"""
