"""The guarded way out: whatever asks a foreign server on behalf of somebody goes through here.

Imports nothing of ours. guard says what may be asked (pure), network is where the connection is made and checked.
The flow comes from features that fetch or send, and goes to public addresses alone.
"""
