"""Maru's one Django app: floors in the order in which a message walks through them, and sealed features beside.

Imports downwards only, see docs/map.md. A command enters at a door (gateway, api) and falls to models;
its change rises through live to every reader.
"""
