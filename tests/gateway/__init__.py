"""Tests of the doors for sockets: the server on the wire (wire.py, tiny_app.py), then the consumers.

May import everything; wire.py and tiny_app.py import only chat.gateway, so that they run without Django.
"""
