"""Mail: written to the outbox by who causes it, sent by the workers of the queue `mail`.

A server that is away is asked again for hours; what it refuses for good is put aside with the reason, to be seen on
the admin page.
A mail may arrive twice when a worker ends while sending: each try has the same Message-ID.
"""
