"""Tests of the grammar: pure, without Django's database and without a loop.

May import chat.protocol only.
strategies.py makes any command; the laws and the gateway's tests use it too.
"""
