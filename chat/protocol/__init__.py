"""The grammar of the wire: commands, changes, replies, codes, their bytes and their limits.

Imports nothing of ours, no Django, no asyncio.
Frames come from gateway and api as bytes and leave as typed commands; changes and replies take the way back.
"""
