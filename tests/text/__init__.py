"""Tests of rendering and mentions: pure.

May import chat.text only.
The corpus of hostile texts stands in test_render_hostile.py.
"""
