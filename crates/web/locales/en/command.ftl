# What the command line says.
command-problem = Row { $row }, column “{ $column }”: { $why }
command-problem-value = Row { $row }, column “{ $column }” says «{ $value }»: { $why }
command-row-new = Row { $row }: new — { $name }
command-row-changed = Row { $row }: changed — { $name } ({ $fields })
command-columns-left-out = Columns left out: { $columns }
command-sum = { $new } new, { $changed } changed, { $same } as they were, { $wrong } errors; { $ending }
command-nothing-taken = nothing was taken: correct the table and try again
command-dry-run = a dry run: nothing was taken
command-taken = taken
command-nothing-registered = Nothing is registered yet: start `canh serve` once
command-source-bad = --source is one of directory, dhcp, anti-malware, staff, other
command-count-stood = This figure stood there already
command-count-recorded = Recorded
command-count-dry = A dry run: nothing was recorded
command-body-unknown = There is no body of the code or name «{ $body }»; look in the register
command-body-ambiguous = Several bodies are called «{ $body }»: give the code
