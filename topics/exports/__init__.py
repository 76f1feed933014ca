"""Lists to take away: which entries, in which format, at once or made in the background, with a data card.

`selection` says which entries, `reading` reads them in chunks, `formats` turns them into bytes, `producing` puts
these together. `streaming` sends small exports at once; `asking` and `tasks` make large ones into files that belong
to who asked for them (`models`, `files`). `cards` says what an export holds and where it comes from.
"""
