"""Saved messages: what a person has put aside, on all devices, until it is done.

Only the message itself is meant: it goes from the list when it is deleted, expires, or cannot be read any more.
"""
