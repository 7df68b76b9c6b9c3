"""Text of people: Markdown to safe HTML, and who is mentioned. Pure functions.

Imports nothing of ours.
Pipeline renders a body before it takes a lock; queries send the stored result.
"""
