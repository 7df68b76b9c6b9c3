"""Erasing an account: what is of the person goes, what was said stays or is emptied, as asked.

Imports pipeline, actions, models, protocol.
REST and a command begin it; the account is gone at once, and follow-up work removes the rest in bounded batches.
"""
