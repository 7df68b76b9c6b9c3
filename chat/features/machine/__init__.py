"""Machine: how the installation is doing, for those who run it: queues, workers, what failed, what is stored, versions.

Imports floors 1-5.
Asked for by REST; figures come from pipeline/overview.py and the database itself.
"""
