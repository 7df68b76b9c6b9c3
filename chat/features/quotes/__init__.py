"""Quotes: a message that shows another one loses its text when that one goes, and its room is told.

The text goes with its source, in the same transaction; that the rooms are told follows, room by room.
"""
