"""Polls that end at a time of their own: beat has a worker close them for good.

Imports floors. Who votes after the time is refused whether or not this has run.
"""
