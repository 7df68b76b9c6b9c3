"""The machine: how the app is assembled and configured; it holds settings, routes and entry points.
It may import the app's doors and floors (only asgi.py does more than name them); the app never imports it.
The flow comes from the operating system (environment, command line, server) and goes to the doors of chat.
"""

from chatproject.celery import app as celery_app

__all__ = ["celery_app"]
