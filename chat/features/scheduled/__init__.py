"""Messages that are written now and sent later, through the pipeline, as their author.

The row is the queue: a sweep every few seconds posts what is due, each room in the order of its times. A message has
an id derived from its row, so that whoever posts it again gets the first one.
"""
