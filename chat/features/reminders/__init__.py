"""Reminders: at its time a person is told of a message or a text, and it stays in the list until it is done.

The event may be lost where nobody is connected, or come twice; the list is the truth.
"""
