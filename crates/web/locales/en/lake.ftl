# The store of events: the command `canh lake`.

lake-log = Log of what came in: { $batches } batches, { $records } lines.
lake-log-damage = The log is damaged at { $at }: { $bytes } bytes cannot be read.
lake-table = Store of events: { $files } files, { $events } events.
lake-wrong = Broken: { $what }
lake-gap = Between { $from } and { $to } there is no file: one was lost.
lake-whole = Every byte is as it was written.
lake-broken = The store is not whole: leave it as it is, and take the files named above from a backup.
