## lines and outages
lines-title = Lines
lines-tab = Lines
lines-over = { $campaign }: { $span }
lines-over-week = Last 7 days: { $span }
lines-week = Last 7 days
lines-add = Add a line
lines-added = Line added
lines-edit = Edit line
lines-changed = Line changed
lines-close = Give up
lines-close-text = The line is no longer followed. All reports and outages stay; an outage that lasts ends now.
lines-closed = Line given up
lines-closed-at = Given up on { $at }
lines-search = Find name, provider, code
lines-any-kind = Any kind
lines-any-state = Any state
lines-none = No lines yet
lines-none-text = Enter each line of the body: Internet, a channel of the dedicated data network, a leased line. From then on every minute of the campaign is kept: up, down, or known to nobody.
lines-counted = Down: { $down }, unknown: { $unknown }
lines-shown = { $n } of { $all } lines
lines-full = Only the first { $n } lines are shown; filter by body or search by name
lines-due =
    { $n ->
        [one] { $n } line of your body needs a report
       *[other] { $n } lines of your body need a report
    }
lines-all-ok =
    { $n ->
        [one] It is up
       *[other] All { $n } are up
    }
lines-name = Line
lines-name-hint = For example: dedicated channel province – Department of Health
lines-body = Reported by
lines-body-hint = The operator, or the body that runs the line itself
lines-served = Serves
lines-served-hint = This body may report too, and is told of outages
lines-served-many = Several bodies
lines-serves = serves { $body }
lines-kind = Kind
lines-kind-internet = Internet
lines-kind-dedicated = Dedicated data network
lines-kind-mobile = Mobile
lines-kind-voice = Voice, hotline
lines-kind-power = Power
lines-kind-other = Other
lines-provider = Provider
lines-provider-hint = If it is not the body that reports
lines-capacity = Capacity
lines-capacity-hint = For example: 1 Gbps
lines-hotline = Hotline
lines-hotline-hint = Whom to call when it fails
lines-code = Line code
lines-code-hint = The operator's own mark; files and monitoring name the line by it
lines-state = State
lines-state-ok = Up
lines-state-degraded = Unstable
lines-state-down = Down
lines-state-unknown = Unknown
lines-state-due = Needs a report
lines-through = Through the window
lines-down = Outage
lines-seen = Last report
lines-first = From
lines-by = Reported by
lines-by-machine = machine
lines-note = Note
lines-report = Report its state now
lines-tap-ok = Up
lines-tap-down = Down
lines-reported-ok = Recorded: up
lines-reported-degraded = Recorded: unstable
lines-reported-down = Outage recorded. Add the cause once it is known
lines-reported-many = Recorded { $what } lines as up
lines-believed = A report counts for { $hours } hours; after that the state is unknown (hatched).
lines-history = Reports
lines-history-none = Nobody has reported yet
lines-outages = Outages
lines-any-outage = All outages
lines-outages-none = No outage recorded
lines-outages-none-text = An outage is recorded when somebody presses "Down", when an operator's machine reports it, or when it is entered afterwards. No outage does not mean up: look at the unknown time too.
lines-log-full = Only the newest { $n } outages are shown
lines-lasts = Lasting
lines-over-now = Over
lines-now = now
lines-from = Start
lines-to = End
lines-to-none = leave empty while it lasts
lines-cause = Cause
lines-cause-none = no cause yet
lines-effect = Effect
lines-hits = Bodies hit
lines-outage-enter = Enter an outage
lines-outage-save = Enter outage
lines-outage-entered = Outage entered
lines-outage-correct = Correct
lines-outage-end = Update or end
lines-end-now = Repaired now
lines-outage-corrected = Recorded; what was said before is kept
lines-was = Said before ({ $n })
lines-was-until = { $by }, until { $at }
lines-said = Up { $up }, down { $down }, unknown { $unknown }.
lines-minutes = { $a } min
lines-hours = { $a } h { $b } min
lines-days = { $a } d { $b } h
lines-minutes-up = Minutes up
lines-minutes-degraded = Minutes unstable
lines-minutes-down = Minutes down
lines-minutes-unknown = Minutes unknown
lines-todo =
    { $n ->
        [one] Report the state of { $n } line
       *[other] Report the state of { $n } lines
    }
lines-todo-why = Once the time is over, the state counts as unknown
error-line-closed = This line was given up
error-line-code = Another line of this body has this code
error-line-name = Enter the name of the line
error-line-long = This is too long
error-line-note-long = A note may have 500 characters, cause and effect 2,000
error-line-time = Write the time as day/month/year hour:minute
error-line-twice = A line stands twice in the same batch
error-line-span = The stretch of time must be longer than nothing and at most 100 days
error-lines-many = Too many lines: a body, or a batch, has at most 500
error-outage-times = The end must be after the start, and neither later than now
error-outage-open = An outage of this line still lasts; update that one
error-outage-many = More than 500 bodies hit; write it in the effect

## the table of lines
register-col-line-code = Line code
register-col-line = Line
register-col-line-kind = Kind
register-col-served = Serves
register-col-served-code = Served body code
register-col-provider = Provider
register-col-capacity = Capacity
register-col-hotline = Hotline
register-import-lines = Import lines
register-about-lines-line-code = The operator's own mark; on a second import the line is found by it first, then by name
register-about-lines-line = Name, unique within its body
register-about-lines-line-kind = Internet, Dedicated data network, Mobile, Voice, Power or Other
register-about-lines-body = The operator, or the body that runs the line itself
register-about-lines-body-code = Code of the reporting body; goes before the name
register-about-lines-served = The body that uses the line; empty if several
register-about-lines-served-code = Code of the body that uses the line
register-about-lines-provider = If not the body that reports
register-about-lines-capacity = For example: 1 Gbps
register-about-lines-hotline = Whom to call when it fails
error-import-line-name-bad = The name of the line is empty or too long
error-import-line-kind-bad = Unknown kind of line: Internet, Dedicated data network, Mobile, Voice, Power, Other
