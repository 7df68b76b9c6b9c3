"""Stories over real sockets and real processes: Redis, PostgreSQL, nginx and two web processes.
Imports scripts.services and clients, nothing of the app: what is told here is what a stranger sees.
The flow comes from a test's client and goes through a proxy, a web process and back.
"""
