## logs: searching the logs
logs-title = Search logs
logs-lead = Every event of the bodies you may see, the newest first
logs-query = Query
logs-hint = host:web01 AND "mimikatz"
logs-find = Search
logs-span = Time
logs-span-1h = Last hour
logs-span-24h = Last 24 hours
logs-span-7d = Last 7 days
logs-span-30d = Last 30 days
logs-span-90d = Last 90 days
logs-span-1y = Last year
logs-span-own = As chosen
logs-from = From
logs-to = Until before
logs-found = { $n ->
    [one] 1 event
   *[other] { $n } events
}
logs-found-cut = At least { $n } events, of { $looked } looked at
logs-cut = Its time was over before everything was looked at: what is here is true, and not all. Shorten the time, or add a host, a user, an address.
logs-none = No events
logs-none-text = Try a longer time or fewer conditions. If no source of logs has sent anything yet, see the page of sources.
logs-histogram = Events by time; click a bar to narrow
logs-more-values = { $n ->
    [one] and 1 other value
   *[other] and { $n } other values
}
logs-fields = All original fields
logs-event = Event
logs-around = Before and after
logs-around-title = Before and after, same source
logs-around-more = Show more around
logs-came = Came at { $at }
logs-time = Time
logs-line = Line as it came
logs-column-host = Host
logs-column-user = Account
logs-column-source-ip = Source address
logs-column-destination-ip = Destination address
logs-column-process = Process
logs-column-code = Event code
logs-column-action = Action
logs-column-outcome = Outcome
logs-help = How to write a query
logs-help-word = a word anywhere in the line, whatever its case; several side by side: all of them
logs-help-phrase = exactly these words
logs-help-field = the value of a field; * is anything, ? is one character
logs-help-net = an address in a network
logs-help-range = a number between, both ends included
logs-help-regex = a regular expression; a / in it is written \/
logs-help-logic = AND, OR, NOT in capitals; parentheses group
logs-help-exists = the field has a value
logs-help-names = Short names (other names are original fields of the event):
logs-fault-unclosed = Character { $at }: { $what } is opened and not closed. Close it, or write \{ $what } to search for it.
logs-fault-unopened = Character { $at }: a ) without a ( before it. Take it away, or write \) to search for it.
logs-fault-no-value = Character { $at }: { $what }: has no value. Write { $what }:value without a space, or { $what }:* if any value will do.
logs-fault-alone = Character { $at }: { $what } needs a condition beside it. To search for the word, write "{ $what }".
logs-fault-range = Character { $at }: { $what } is no range. Write [1 TO 5], [1 TO *], >=5 or <5.
logs-fault-network = Character { $at }: { $what } is no network. Write 10.0.0.0/8 or 2001:db8::/32.
logs-fault-regex = Character { $at }: the expression { $what } is wrong or too large. Write /pattern/, such as /id=\d+/.
logs-fault-empty = Character { $at }: nothing stands between the quotes. Write the phrase to search for.
logs-fault-unexpected = Character { $at }: { $what } is not understood here. Put it in double quotes.
logs-fault-long = The query is too long: { $what } characters at most. Search in several steps.
logs-fault-deep = Character { $at }: more than { $what } parentheses within each other. Write it simpler.
logs-fault-many = Character { $at }: more than { $what } conditions. Search in several steps.
error-search-time = A time cannot be read, or the begin is after the end. Write 22/11/2026 08:00.

sql-title = SQL over logs
sql-lead = Ask in SQL of the events found; it runs by itself in a process that has these events and nothing else
sql-statement = Statement
sql-hint = One select over the table events (SQLite); the search and the time above choose which events are in it
sql-run = Run
sql-columns = Columns of the table events
sql-help = time and came are local times of Viet Nam, so strftime('%H', time) is the hour of the day; fields is JSON of all original fields, as in json_extract(fields, '$.TargetUserName'); raw is the line as it came; x regexp 'pattern' looks for a regular expression.
sql-found = { $n } rows from { $events } events
sql-more = There are more rows: only the first 5,000 are shown. Add limit, where or group by.
sql-none = No rows
sql-none-text = Look at the where, the search or the time again.
sql-many = The search and the time choose more events than one statement can be asked over: { $n } events or { $mb } MB. Narrow the time, add to the search, or take fewer columns.
sql-slow = It took too long and was ended. Narrow the time, add conditions, or join less.
sql-memory = It needed too much memory and was ended. Take fewer columns or narrow the time.
sql-output = Its answer is too long, so it was ended. Take fewer columns or add a limit.
sql-at = Character { $at }:{" "}
sql-fault-column = there is no column { $what }. The columns' names stand below; texts stand in single quotes.
sql-fault-table = there is no table { $what }. The only table is events.
sql-fault-function = there is no function { $what } with so many arguments.
sql-fault-near = { $what } is not understood here.
sql-fault-unfinished = the statement does not end: a bracket or a quote is not closed.
sql-fault-only-reads = only the table events may be read; nothing is changed, no file opened, no other table looked at.
sql-fault-one = one statement at a time.
sql-fault-empty = there is no statement.
sql-fault-long = the statement is too long: 4,000 characters at most.
sql-fault-other = SQLite says: { $what }
