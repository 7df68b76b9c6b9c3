"""The reads: pages, changes, snapshots, and the only place that turns rows into wire shapes.

Imports models, protocol. Every read starts at visibility.
Doors and live call them in the database pool; what they return goes out as it is.
"""
