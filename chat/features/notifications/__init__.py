"""Whom a message tells by mail or push: noted after it, told when it is still unread a while later; a ledger of both.

Imports models, queries, pipeline, outside. rules and clocks are pure; ledger notes, missed, digest, trial and push
write, post sends mail. The flow comes from the outbox (note) and from beat (sweeps) and goes to a mail server and to
the push services of browsers; doors read and write settings.
"""
