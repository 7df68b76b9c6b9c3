"""Files that people have put into messages: what lies in the storage, safe names, and what a file is by its content.

Imports models, protocol. `names.py` and `kinds.py` are pure, `storage.py` puts, opens and drops. The flow comes from
uploads and imports and goes to the storage; from there to readers and into exports.
"""
