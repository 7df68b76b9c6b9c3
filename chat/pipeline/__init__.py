"""The one way to write: batches of commands become numbered changes in one transaction, then envelopes.

Imports live, actions, queries, models, protocol, text.
Gateway and api submit to the committer, scripts and tasks call run; both go through execute.
"""
