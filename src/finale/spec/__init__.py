"""What the user wrote: manifests as typed values, read with the place of everything and written back unchanged.

`load` and `dump` are the doors; `generated.argo` has the types, `support` says what becomes of every field.
"""
