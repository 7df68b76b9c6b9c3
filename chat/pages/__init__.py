"""The HTML pages: the chat page's shell, accounts, first start, invites; and health for machines.

Imports everything below; never another door.
Requests come from urls; the page itself then talks through gateway and api.
"""
