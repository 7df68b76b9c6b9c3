"""Tests of the verbs and of the table of permissions: records in memory, no database.

May import chat.actions, chat.models, chat.protocol.
world.py makes the records; what verbs and writers do to the database stands in tests/pipeline.
"""
