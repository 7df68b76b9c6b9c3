"""Reports: people tell those in charge about a message, and these see to it.

Imports floors 1-5.
Asked for by REST; what is done to a message or its author goes the way of every command, here stands that it was.
"""
