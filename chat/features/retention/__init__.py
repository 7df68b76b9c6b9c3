"""How long messages are kept, by workspace and by room: rules, legal holds, what would go, and the going.

Imports pipeline, queries, actions, models, protocol.
Admins set rules over REST; beat wakes a worker, which lets messages go through the pipeline and cuts off old logs.
"""
