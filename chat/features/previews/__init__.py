"""Previews: what stands behind the links of a message, fetched by workers of the queue `io` and attached as a change.

`fetch.py` asks through the guard of `chat/outside`, `page.py` reads what came (pure), `explore.py` puts these together
for a link; `service.py` is the way from a message to its previews. Nothing of ours goes along: no cookie, no
credential, no proxy. The address that was checked is the one that is connected to.
"""
