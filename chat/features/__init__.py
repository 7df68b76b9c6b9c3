"""Features: sealed packages beside the floors, which may use the floors below the doors and never each other.

Each has its `service.py` and, where work is done later, its `tasks.py`, which chat/tasks.py imports for the workers.
What stands in the outbox names its task in pipeline/queues.py.
"""
