"""People: those who run the workspace find an account, change what it may, and end what it is signed in with.

Imports floors 1-5.
Asked for by REST; open doors hear of it from the accounts themselves (pipeline/accounts.py).
"""
