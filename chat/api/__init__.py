"""REST for programs: one file a resource, the protocol's types, the same write path.

Imports everything below; never another door.
Requests come from urls; commands go to the committer, reads to queries in the database pool.
"""
