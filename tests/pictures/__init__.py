"""Tests of pictures: no Django.

May import chat.pictures only.
The process that decodes is a real one in test_workshop.py.
"""
