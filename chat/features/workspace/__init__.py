"""Workspace: what its admins decide: its name, who comes in, who makes rooms and invites, its language, its record.

Imports floors 1-5.
Set by REST; what holds is read by queries/workspace.py wherever it counts.
"""
