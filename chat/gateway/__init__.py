"""The WebSocket door: our server class, admission, consumers, the conversation of a resume.

Imports everything below; never another door.
Frames come from daphne; commands go to pipeline, live or queries, and frames go back.
"""
