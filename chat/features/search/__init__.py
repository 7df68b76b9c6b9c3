"""Find messages and files by words, parts of words and facts.

Imports queries, models, protocol, text.
Beat has what the change logs say of messages written into an index; api asks it.
"""
