"""Whom a message tells by mail: noted after it, told when it is still unread a while later; a ledger keeps both.

Imports models, queries, pipeline. rules and clocks are pure; ledger notes, missed, digest and trial write, post sends.
The flow comes from the outbox (note) and from beat (sweep) and goes to a mail server; doors read and write settings.
"""
