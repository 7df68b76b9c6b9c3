"""Files in messages: from the bytes of an upload to what a reader may see.

`multipart.py` takes a body apart as it comes (pure), `arrival.py` puts an upload on the disk, `service.py` keeps the
books: who holds how much, what is tidied away, what becomes of pictures.
`adding.py` takes an upload that comes in pieces, `pieces.py` keeps its books. A file belongs to who has uploaded it
until a message names it (actions/messages.py). What lies in the storage is below, in `chat/files`.
"""
