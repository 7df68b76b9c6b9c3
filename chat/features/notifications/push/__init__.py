"""Push: a browser whose page is closed is told through the push service of its maker (RFC 8030, 8291, 8292).

keys and sealing sign and encrypt, wire asks the push service through the guard, subscriptions are the browsers;
choosing fills the queue of each browser from the ledger, sending empties it, trial is the test.
The flow comes from beat (sweep) and from the doors (subscriptions, trial), and goes to the push services.
"""
