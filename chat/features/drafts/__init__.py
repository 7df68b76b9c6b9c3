"""Drafts: what a person has begun to write is the same on all devices. The last to write wins, by time.

Imports floors. Asked by REST; the person's connections are told of each change with the draft itself.
"""
