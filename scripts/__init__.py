"""The machine room: setting up, starting, testing; nothing here is imported by the running server.
It may import nothing of the app; bootstrap.py and steps.py run before any package is installed.
The flow comes from the Makefile and goes to other programs: pip, node, redis, PostgreSQL, nginx, ours.
"""
