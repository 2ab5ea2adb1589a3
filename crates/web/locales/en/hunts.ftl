## hunt: what is looked for and why
hunt-title = Hunts
hunt-lead = Hypothesis, scope, query, findings, conclusion: the record of each hunt, and the evidence
hunt-new = Open a hunt
hunt-new-lead = Looks again through the kept logs of a body and of all below it
hunt-make = Open and run
hunt-none = No hunts yet
hunt-none-text = Begin with a supposition: what an attacker did, and where in the logs it would have left a trace.
hunt-what = Name of the hunt
hunt-what-hint = For example: Web shells left over from January
hunt-hypothesis = Hypothesis
hunt-hypothesis-hint = What is supposed to have happened, and what the logs must then hold
hunt-body-hint = The logs of this body and of all below it are looked at
hunt-scope = Scope
hunt-scope-hint = Systems, machines and accounts meant, in words
hunt-how = Looks by
hunt-how-search = Search query
hunt-how-sigma = Sigma rule
hunt-how-list = List of indicators
hunt-query = Query or Sigma rule
hunt-query-hint = In the words of the log search, or a whole Sigma rule (YAML). Leave empty for a list of indicators
hunt-list = List of indicators
hunt-list-hint = Only where it looks by a list
hunt-no-list = No list
hunt-days = Days to look back
hunt-every = Repeat after days
hunt-every-days = { $n } days
hunt-result = Result
hunt-open = Not concluded
hunt-outcome-clean = No trace
hunt-outcome-found = Traces found
hunt-outcome-unsure = Cannot be said
hunt-last-run = Last run
hunt-hits = Events matched
hunt-next = Next run
hunt-standing-waiting = Waiting
hunt-standing-running = Running
hunt-standing-done = Done
hunt-standing-cancelled = Stopped
hunt-standing-failed = Could not run
hunt-findings = Findings
hunt-looked = { $n ->
    [one] { $n } event looked at
   *[other] { $n } events looked at
}
hunt-matched = { $n ->
    [one] { $n } event matched
   *[other] { $n } events matched
}
hunt-progress = Progress
hunt-nothing = No event matched.
hunt-more = { $n } more events matched and are not kept with the record.
hunt-not-run = Not run yet.
hunt-because = Why it matched
hunt-runs = Runs
hunt-run = Run again
hunt-cancel = Stop
hunt-conclude = Conclude
hunt-conclusion = Conclusion
hunt-conclusion-hint = What was looked at, what was found, what is left to do. It is evidence of the body
hunt-close = Close the record
hunt-close-text = A closed hunt repeats no more; its conclusion stays evidence.
hunt-made = Hunt opened and running
hunt-begun = Running
hunt-cancelled = Stopped
hunt-concluded = Conclusion recorded
hunt-closed = Record closed
hunt-rule-bad = The Sigma rule cannot be used: { $why }
hunt-rule-none = There is no Sigma rule in this
hunt-from-search = Save as a hunt
hunt-from-list = Look for it in the kept logs
search-saved-title = Saved searches
search-saved-none = None yet. On the log search, press “Save this search”.
search-save = Save this search
search-name = A name for it
search-link = Address to pass on
search-drop = Delete
search-saved = Search saved
search-dropped = Search deleted
error-hunt-query = Write a query or a rule that can be read
error-hunt-list = Choose a list of indicators
error-hunt-days = 1 to 366 days
error-hunt-every = 1 to 366 days, or empty
error-hunts-many = The body has too many hunts; close some
error-hunt-running = It is running
error-hunts-running = Too many hunts of the body are running; wait
error-hunt-not-run = It must have run to its end before it is concluded
error-searches-many = The body has saved too many searches; delete some

command-hunt-sum = { $looked } events of { $bodies } bodies looked at, { $hits } matched
command-hunt-what = Give a query, --rule or --indicators: one of the three

## evidence: HUNT
evidence-fact-hunt-concluded = Hunt concluded
evidence-hunt-unknown = Nothing is known of hunts
evidence-hunt-none = No hunt in the system: judged by evidence handed in
evidence-hunt-open = There are hunts, none concluded within the term: judged by evidence handed in
evidence-hunt-concluded = A hunt was concluded within the term
