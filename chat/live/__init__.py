"""What is happening now: the hub, envelopes, presence, typing, send queues. Writes no database.

Imports queries, protocol.
Pipeline hands committed changes to publish; the hub of every process spreads them over its connections.
"""
