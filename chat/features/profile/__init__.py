"""What a person tells of themselves: name, face, what they are doing. Others see it at once.

Imports models, pipeline's signal of accounts by way of them, pictures. The API asks here.
"""
