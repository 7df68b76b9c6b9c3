"""What strangers send: broken frames, handshakes, requests, JSON and texts, against one real web process.
Imports scripts.services and the raw wire of tests/gateway, nothing of the app.
The flow comes from a table of bad input and goes to the process; neighbours talk on beside every row.
"""
