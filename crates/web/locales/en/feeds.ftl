## feeds: where knowledge of flaws comes from; warnings
frame-review = Review
feeds-title = Feeds
feeds-lead = { $advisories } advisories from { $feeds } feeds. Each feed is read again every six hours; only what changed is written.
feeds-tab = Feeds
feeds-none = No feed yet
feeds-none-text = Add the address where a maker publishes (CSAF, OSV, CVE, MSRC, KEV, EPSS), or use canh feeds add with a file, a folder or an offline bundle.
feeds-own-name = Written by the agencies
feed-name = Name
feed-name-hint = For example: KEV of CISA
feed-place = Address
feed-place-hint = https://…; a host of your own network must be allowed in [feeds] allow
feed-key = The issuer's OpenPGP key
feed-key-hint = If given, only files with a good signature by one of these keys are taken in; the signature is at the address above with .asc
feed-kind-file = file
feed-kind-directory = folder
feed-kind-url = web address
feed-kind-own = own
feed-advisories = Advisories
feed-read = Last read
feed-changed = Last brought something new
feed-never = not read yet
feed-state = State
feed-state-ok = Good
feed-state-waiting = To be read
feed-signed-good = signed
feed-signed-no = not signed
feed-trouble-unreachable = Cannot be reached or opened
feed-trouble-refused = Refused, or not there any more
feed-trouble-too-large = Larger than is read
feed-trouble-unknown = A file is of no known form
feed-trouble-broken = A file is broken
feed-trouble-empty = Holds nothing
feed-trouble-unsigned = No good signature by the key that was given
feed-add = Add a feed
feed-remove = Remove
feed-remove-text = What this feed said is no longer known, unless another feed says it too.
feed-added = The feed is added and will be read at once.
feed-removed = The feed is removed.
error-feed-name = The feed's name is empty, too long or has odd characters.
error-feed-place = Not a usable web address (http or https, without a password).
error-feed-key = No OpenPGP key for signing could be read (RSA from 2048 bits or Ed25519, not revoked).
error-feed-taken = This feed is there already.
error-feed-own = What the agencies wrote themselves cannot be removed.
feeds-command-trust = Only files signed by the key { $print } are taken in

feeds-command-added = Added { $place }; read it with: canh feeds read
feeds-command-removed = Removed { $place }
feeds-command-none = No feed is called { $name }
feeds-command-nothing = No feed was read yet; there is nothing to pack
feeds-command-read = { $name }: { $added } new, { $changed } changed, { $removed } gone, { $signals } marks of exploitation
feeds-command-packed = Wrote { $file }: { $files } files, signed
feeds-command-key = The key to check it with elsewhere: { $key }
feeds-command-refused = The bundle is refused, and nothing was written
feeds-command-signed = The signature holds: { $name }, packed { $at }

advisories-title = Advisories
advisories-tab = Flaws
advisories-lead =
    { $n ->
        [one] 1 advisory is
       *[other] { $n } advisories are
    } known
advisories-search = CVE number, name of a flaw
advisories-none = No advisory fits
advisories-none-text = Try another word, or add a feed on the page of feeds.
advisories-more = There are more: only the { $n } newest are shown; filter further.
advisories-exploited-only = Exploited
advisory-number = Number
advisory-title = What it is
advisory-severity = Severity
advisory-published = Published
advisory-feed = Feed
advisory-exploited = Exploited in the wild
advisory-ransomware = Used by ransomware
advisory-likely = Probability of exploitation within 30 days: { $percent } %
advisory-unknown = No feed says anything of { $number }
advisory-unknown-text = The flaw is followed if a warning names it; machines can be judged only once a feed names products and versions.
advisory-withdrawn = withdrawn
advisory-product = Product
advisory-affected = Affected
advisory-fix = Fixed in
advisory-status-not-affected = not affected
advisory-status-investigating = under investigation
advisory-no-fix = none yet
advisory-all-before = all versions before the fix
advisory-from = from { $version }
advisory-until = up to and with { $version }
advisory-listed = { $n } versions listed
advisory-more-statements = and { $n } more products
advisory-named-weak = by the product's name only
advisory-warnings = Named in warnings
severity-critical = critical
severity-high = high
severity-medium = medium
severity-low = low
severity-unknown = not graded

warnings-title = Warnings
warnings-tab = Warnings
warnings-lead = What letters and agencies warned of, looked up down to each flaw
warnings-search = Number of a paper, name of a warning
warnings-none = No warning yet
warnings-none-text = A warning comes with an order whose letter names flaws, or is written by an agency.
warning-new = Write a warning
warning-body = Who warns
warning-title = Name of the warning
warning-on = Date
warning-flaws = Flaws
warning-numbers = CVE numbers
warning-numbers-hint = Paste a list, separated by commas or lines
warning-vendor = Vendor
warning-vendor-hint = For example: Microsoft
warning-months = A vendor's patches of some months
warning-from = From month
warning-to = To the end of month
warning-all = Everything this body warned of before
warning-make = Make the warning
warning-made = The warning is made.
warning-withdraw = Withdraw
warning-withdrawn = The warning is withdrawn.
warning-is-withdrawn = This warning was withdrawn.
warning-order = By the order
warning-open = The list is left open (“như: …”): it never counts as complete
warning-items = What it warns of, and what that comes to
warning-item-flaws =
    { $name } ({ $n ->
        [one] 1 flaw
       *[other] { $n } flaws
    } named)
warning-item-list =
    { $n ->
        [one] 1 flaw
       *[other] { $n } flaws
    } by number
warning-item-months =
    { $vendor }, { $from } – { $to }{ $severities }: { $n ->
        [one] 1 flaw
       *[other] { $n } flaws
    }
warning-item-all = Everything warned of before: { $n }
warning-found-by = Found by
warning-named = named in the warning
error-warning-title = The warning's name is empty or too long.
error-warning-empty = A warning must name at least one flaw, or a vendor and months.
error-warning-many = Too many flaws in one warning.
error-warning-odd = Not a CVE number: { $word }
error-warning-months = The first and last month do not fit.
error-warning-of-order = This warning belongs to an order; take the order back instead.

findings-title = Flaws on machines
findings-tab = On machines
findings-lead =
    { $n ->
        [one] 1 flaw
       *[other] { $n } flaws
    } on { $hosts ->
        [one] 1 machine
       *[other] { $hosts } machines
    }, { $overdue } overdue
findings-search = Number, machine, body
findings-open = To be dealt with
findings-all = All
findings-overdue = Overdue
findings-none = No finding fits
findings-none-text = A machine is judged once a report of it comes in; one without a report is unknown, not safe.
findings-lead-all =
    { $n ->
        [one] 1 flaw
       *[other] { $n } flaws
    } on { $hosts ->
        [one] 1 machine
       *[other] { $hosts } machines
    }
findings-lead-more = More than { $n } flaws; filter further to have all counted
finding-host = Machine
finding-open-n = { $n } to be dealt with
finding-state = State
finding-fix = Mended by
finding-due = Due
finding-why = Why
finding-first = First seen
finding-fixed-at = Mended
finding-reopened = Times it came back
finding-events = What happened
finding-event-found = found
finding-event-fixed = mended, by a newer report of the machine
finding-event-reopened = came back
finding-event-taken-back = no longer said to be affected
finding-event-excused = excused
finding-event-worked-around = workaround
finding-state-worked-around = worked around
finding-state-excused = excused
finding-owner = Seen to by
finding-own = I see to it
finding-owned-done = You are noted as the one who sees to it.
finding-excused-by = Allowed by { $by }
finding-excused = Excused until
finding-excuse = Excuse
finding-excuse-why = Why it may wait
finding-until = To the end of
finding-workaround = Workaround
finding-workaround-what = What was done, and how it was checked
finding-workaround-hint = For example: print service switched off, checked with sc query on 02/02
finding-proof = A file that proves it (if there is one)
finding-workaround-do = Record
finding-excused-done = Excused.
finding-worked-around-done = The workaround is recorded.
error-finding-why = The reason is empty or too long.
error-finding-until = The day must be after today and within half a year.
error-finding-workaround = Say what was done and how it was checked, not too long.
error-flaw-closed = This flaw is no longer open on the machine.
findings-command-done = Recorded for { $flaw } on { $host }
findings-command-none = No machine called { $host } has { $flaw }
findings-command-several = Several machines called { $host } have { $flaw }; name one by its id
findings-command-may-not = `{ $login }` may not decide that, or does not see that machine

fixes-title = What to do
fixes-tab = What to do
fixes-lead = A line is one thing to do; what closes most comes first
fixes-by-machine = CSV by machine
fixes-none = Nothing to do
fix-closes =
    on { $hosts ->
        [one] 1 machine
       *[other] { $hosts } machines
    }, closes { $closes ->
        [one] 1 finding
       *[other] { $closes } findings
    }
fix-closes-head = Where, and what it brings
fix-none = No fix yet
fix-hosts = Machines
fix-findings = Findings closed
trend-title = The last 30 days
trend-day = Day
trend-found = Found
trend-fixed = Mended

warning-of-body = Body
warning-machines = Machines concerned
warning-bodies = By body
warning-handled = Handled / concerned
warning-judged = Reviewed / all
warning-unclear = Unclear
warning-sum =
    { $handled }/{ $all } machines handled; { $judged }/{ $hosts } machines reviewed; { $unclear ->
        [one] 1 machine
       *[other] { $unclear } machines
    } unclear
warning-no-hosts = No machine was judged yet
warning-no-hosts-text = A machine is judged as soon as a report of it comes in.
warning-open-flaws = Open
warning-handled-flaws = Handled
warning-see-findings = Flaws on machines
warning-see-fixes = What to do

evidence-hosts-reviewed = Every machine was reviewed by a report of the window: { $handled }/{ $all }
evidence-hosts-not-reviewed = { $handled }/{ $all } machines reviewed by a report of the window
evidence-hosts-fixed = { $handled }/{ $all } machines concerned are handled
findings-aside = Of what is open, { $around } worked around (counted as handled), { $excused } excused for now (not counted)
evidence-hosts-not-judged = Some machines have no report to be judged by
evidence-flaws-unclear = Of some machines it cannot be told whether they are affected
evidence-no-host-concerned = Every machine was reviewed, none is concerned
evidence-triaged-by-machine = Every machine was judged by the warning
