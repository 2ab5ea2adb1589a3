# Mail of Canh – English, the complete second language. Vietnamese is the source; see there.

frame =
    .footer =
        Sent automatically by the Canh system of { $centre }; please do not reply to this message.
        { $has-contact ->
            [yes] To verify it or to get help, contact: { $contact }.
           *[no] To verify it or to get help, contact { $centre } by the means you already know.
        }
    .brief = Something on { $centre }’s Canh needs you. Open Canh to see what.
    .acknowledge = I take it
    .escalate = I cannot, call the next one
    .linked = This chat now belongs to { $person } on Canh. Messages of the watch arrive here from now on.
    .link-failed = This code is wrong, used or no longer good. Open the page of your contact channels on Canh and take a new one.
    .taken = { $person } took it at { $at }
    .came-right = It came right by itself at { $at }
    .passed = Passed on; the next one is being called
    .nobody = Nobody is left to call; take it, or telephone your superior
    .over = This is over; nothing is left to do
    .unknown = This button is no longer good
    .check-in = Check in
    .checked-in = { $person } checked in at { $at }
    .not-on-duty = No turn of yours takes a check-in now; see the roster on Canh
    .press = Press { $acknowledge } to take it. Press { $escalate } to call the next one.

invitation =
    .subject = First login code for Canh – { $body }
    .body =
        Dear { $person },

        { $inviter } has made an account for you on the Canh system, for the cyber-security duties of { $body }.

        Your first login code:

        { $code }

        The code works once and until { $expires }. On logging in you will set a password and turn on two-step sign-in.

        { $link }

        Please do not forward this message, and give the code to nobody, not even to someone who claims to be technical staff.
    .action = Log in for the first time

assignment-issued =
    .subject = Assignment: { $order }
    .body =
        To { $body },

        { $issuer } assigns the following to you:

        - Order: { $order }
        - Assigned by: { $issuer }
        - Period: { $window }
        - Duties: { $duties }
        { $has-due ->
            [yes] - Due: { $due }
           *[no] - Due: not stated in the letter
        }
        { $has-contact ->
            [yes] - Help: { $contact }
           *[no] - Help: not stated in the letter
        }

        Please receive it, acknowledge it and have it carried out. Questions and difficulties can be raised on the assignment's page and are answered there.

        { $link }
    .action = Open the assignment

reminder-acknowledge =
    .subject = Reminder to acknowledge: { $order }
    .body =
        To { $body },

        The following order has not been acknowledged by you yet:

        - Order: { $order }
        - Assigned by: { $issuer }
        - Assigned on: { $since }
        { $has-due ->
            [yes] - Due: { $due }
           *[no] - Due: not stated in the letter
        }

        Please have the head of the unit read and acknowledge it. If there are difficulties, raise them on the assignment's page.

        { $link }
    .action = Read and acknowledge

reminder-duties =
    .subject = Reminder: { $order }
    .body =
        To { $body },

        { $pending ->
            [one] One duty of the following order is
           *[other] { $pending } duties of the following order are
        } not met yet:

        - Order: { $order }
        - Assigned by: { $issuer }
        - Due: { $due }

        Please complete the work and send the evidence in time. If there are difficulties, raise them on the assignment's page.

        { $link }
    .action = See what is missing

overdue-escalation =
    .subject = Overdue: { $order } – { $body }
    .body =
        Dear { $person },

        { $overdue ->
            [one] One duty of { $body } is overdue and not met.
           *[other] { $overdue } duties of { $body } are overdue and not met.
        } This message comes to you as the head responsible.

        - Order: { $order }
        - Assigned by: { $issuer }
        - Due: { $due }

        Please have the work done at once, or state on the assignment's page why it cannot be done yet.

        { $link }
    .action = See what is overdue

quick-report-due =
    .subject = Quick report of { $round }: { $body }
    .body =
        To { $body },

        It is time for the quick report of { $round } under the order "{ $order }". Canh has filled in what it knows; look at it and confirm, also when nothing happened.

        - Confirm by: { $due }

        The link below is for the addressee of this letter alone and works once. Opening it confirms nothing.

        { $link }
    .action = Look and confirm

quick-report-late =
    .subject = Quick report of { $round } is overdue: { $body }
    .body =
        To { $body },

        The quick report of { $round } under the order "{ $order }" is due and has not come.

        - Confirm by: { $due }

        Please confirm now. If nothing happened, that too has to be confirmed: "No incident".

        { $link }
    .action = Confirm now

quick-report-late-head =
    .subject = Your body has not reported for { $round }: { $body }
    .body =
        To the head of { $body },

        Your body has not confirmed the quick report of { $round } under the order "{ $order }", though it was reminded.

        - Confirm by: { $due }

        Please have it confirmed now, or confirm it yourself by the link below. After this the body that gave the order will be told.

        { $link }
    .action = See the report

quick-report-late-superior =
    .subject = { $missing } bodies have not reported for { $round }
    .body =
        To whom it may concern,

        Under the order "{ $order }" { $missing } bodies have not confirmed their quick report of { $round }, though they were reminded and their heads were told:

        { $bodies }

        - Due: { $due }

        { $link }
    .action = See the sum of this round

acknowledgement-link =
    .subject = Please acknowledge: { $order }
    .body =
        Dear { $person },

        As head of { $body }, please read and acknowledge the following order:

        - Order: { $order }
        - Assigned by: { $issuer }
        - Duties: { $duties }
        { $has-due ->
            [yes] - Due: { $due }
           *[no] - Due: not stated in the letter
        }

        The link below is for you alone. It needs no login, acknowledges once, and works until { $expires }.

        { $link }

        Please do not forward this message: the acknowledgement is recorded under your name.
    .action = Read and acknowledge

question-asked =
    .subject = Question on: { $order }
    .body =
        { $asker } asks a question or reports a difficulty about an assignment:

        - Order: { $order }
        { $has-duty ->
            [yes] - Duty: { $duty }
           *[no] - Duty: the whole order
        }

        { $question }

        Please answer on the assignment's page, where both sides can see it.

        { $link }
    .action = Answer the question

question-answered =
    .subject = Answer on: { $order }
    .body =
        { $answerer } has answered your question:

        - Order: { $order }
        { $has-duty ->
            [yes] - Duty: { $duty }
           *[no] - Duty: the whole order
        }

        Question:

        { $question }

        Answer:

        { $answer }

        { $link }
    .action = See the exchange

evidence-returned =
    .subject = Evidence needs more: { $duty }
    .body =
        To { $body },

        { $reviewer } has looked at your evidence and asks for more:

        - Order: { $order }
        - Duty: { $duty }
        { $has-due ->
            [yes] - Due: { $due }
           *[no] - Due: not stated in the letter
        }

        Reason:

        { $reason }

        { $link }
    .action = Add evidence

evidence-accepted =
    .subject = Evidence accepted: { $duty }
    .body =
        To { $body },

        Your evidence has been accepted:

        - Order: { $order }
        - Duty: { $duty }
        - Reviewed by: { $reviewer }

        { $link }
    .action = See the duty

inspection-announced =
    .subject = Cyber-security inspection announced: { $at }
    .body =
        To { $body },

        { $inspector } will inspect cyber-security at your body:

        - When: { $at }
        { $has-place ->
            [yes] - Where: { $place }
           *[no] - Where: at your office
        }
        { $has-leader ->
            [yes] - Team led by: { $leader }
           *[no] - Team led by: not named yet
        }
        { $has-note ->
            [yes] - Please prepare: { $note }
           *[no] - Please prepare: the papers the checklist asks for
        }

        The checklist and everything else is on the inspection's page.

        { $link }
    .action = Open the inspection

inspection-cancelled =
    .subject = Inspection cancelled: { $at }
    .body =
        To { $body },

        { $inspector } has cancelled the inspection announced for { $at }.

        Reason:

        { $reason }

        { $link }
    .action = Open the inspection

inspection-done =
    .subject = Inspection over, { $findings } findings to be put right
    .body =
        To { $body },

        { $inspector } has ended the inspection of your body.

        - To be put right: { $findings }

        Please read the minutes, put each finding right in time and send the evidence on the inspection's page.

        { $link }
    .action = See the result

finding-due =
    .subject = A finding is due soon: { $due }
    .body =
        To { $body },

        The following, found by { $inspector }, is to be put right by { $due }:

        { $finding }

        When it is, please say so and add the evidence.

        { $link }
    .action = Open the finding

finding-overdue =
    .subject = A finding is overdue: { $due }
    .body =
        To { $body },

        The following, found by { $inspector }, was to be put right by { $due }:

        { $finding }

        Please put it right now and say so with evidence.

        { $link }
    .action = Open the finding

finding-returned =
    .subject = A finding is not put right yet, due { $due }
    .body =
        To { $body },

        { $inspector } has looked at what was done about the following and asks for more by { $due }:

        { $finding }

        Reason:

        { $reason }

        { $link }
    .action = Open the finding

order-amended =
    .subject = Amended: { $order }
    .body =
        To { $body },

        { $issuer } has amended an order assigned to you:

        - Order: { $order }
        { $has-due ->
            [yes] - Due: { $due }
           *[no] - Due: not stated in the letter
        }

        What changed:

        { $change }

        Please look at your duties again and carry them out as amended.

        { $link }
    .action = See the amendment

order-cancelled =
    .subject = Cancelled: { $order }
    .body =
        To { $body },

        { $issuer } has cancelled an order assigned to you; nothing more is asked of you. Evidence already sent is kept.

        - Order: { $order }

        Reason:

        { $reason }

        { $link }
    .action = See the details

channel-code =
    .subject = Code to verify your contact channel on Canh
    .short = Code for your contact channel on Canh: { $code }. It works until { $expires }.
    .body =
        Dear { $person },

        The code that verifies this address as your contact channel:

        { $code }

        It works until { $expires }. If you did not ask for it, ignore this message: the address will not be verified.

audit-checkpoint =
    .subject = Audit checkpoint of { $origin }: { $entries ->
            [one] one entry
           *[other] { $entries } entries
        }
    .body =
        Attached is a signed checkpoint of the audit log.

        - Log: { $origin }
        - Time: { $at }
        - Entries: { $entries }
        - Root hash: { $root }
        - Attachment: { $file }

        Please keep this message and the file outside the system. To compare, run: canh audit verify --against { $file }

        If the log is altered, shortened or rebuilt after this time, that command will find it out.

delegation-given =
    .subject = Delegation on Canh – { $body }
    .body =
        Dear { $person },

        { $giver } has delegated to you:

        - What: { $what }
        - Body: { $body }
        - From: { $from }
        - Until: { $until }

        Whatever you do under this delegation is recorded under your name. It ends by itself.

        { $link }
    .action = See the delegation

password-reset =
    .subject = Reset your Canh password
    .body =
        Dear { $person },

        Somebody asked to reset the password of your account. The link below works once and until { $expires }.

        { $link }

        If it was not you, ignore this message: your password stays as it is.
    .action = Reset the password

password-changed =
    .subject = Your Canh password was changed
    .body =
        Dear { $person },

        The password of your account has just been changed:

        - Time: { $at }
        { $has-place ->
            [yes] - From network address: { $place }
           *[no] - From network address: not known
        }

        If it was not you, tell the contact below at once and check your sessions.

        { $link }
    .action = Check your sessions

second-factor-moved =
    .subject = The second factor of your Canh account was moved to another phone
    .body =
        Dear { $person },

        The second factor of your account has just been moved to another phone:

        - Time: { $at }
        { $has-place ->
            [yes] - From network address: { $place }
           *[no] - From network address: not known
        }

        If it was not you, tell the contact below at once, so that the account is disabled.

        { $link }
    .action = Check your account

sign-in-new =
    .subject = New sign-in to Canh
    .body =
        Dear { $person },

        Your account has just been signed in to from a place not seen before:

        - Time: { $at }
        - From network address: { $place }
        { $has-device ->
            [yes] - Device: { $device }
           *[no] - Device: not known
        }

        If it was you, there is nothing to do. If not, end that session, change your password and tell the contact below at once.

        { $link }
    .action = Check your sessions

notice =
    .subject = Notice: { $title }
    .body =
        Dear { $person },

        { $issuer } sends you a notice about cyber-security and asks you to read it and to commit to it:

        - Notice: { $title }
        - Read and commit by: { $closes }
        { $has-questions ->
            [yes] - Questions after reading: { $questions }
           *[no] - Questions: none
        }

        The link below is yours alone, please do not forward it: whoever opens it is asked whether they are you, and the commitment is recorded under your name. The page never asks for a password or a code.

        { $link }
    .action = Open the notice

notice-reminder =
    .subject = Reminder to read the notice: { $title }
    .body =
        Dear { $person },

        We have no record yet that you have completed this notice of { $issuer }:

        - Notice: { $title }
        - Read and commit by: { $closes }
        { $has-questions ->
            [yes] - Questions after reading: { $questions }
           *[no] - Questions: none
        }

        The link is yours alone, please do not forward it. The page never asks for a password or a code.

        { $link }
    .action = Open the notice

bulletin-sent =
    .subject = Bulletin for the loudspeaker network: { $title }
    .body =
        To { $body },

        { $issuer } asks you to broadcast this bulletin over your loudspeakers:

        - Bulletin: { $title }
        - Length: about { $minutes } min
        - Days: { $days }
        - Times: { $times }

        After each broadcast please confirm it on the bulletin's page: when, which cluster of loudspeakers, who switched it on; a recording or photo may be attached.

        { $link }
    .action = Open the bulletin

bulletin-missing =
    .subject = Please confirm the broadcast of: { $title }
    .body =
        To { $body },

        { $missing } broadcasts of the bulletin have no receipt yet:

        - Bulletin: { $title }
        - Broadcasts: { $slots }

        If you have broadcast it, please confirm now; if you could not, please give the reason in the note when you make up for it.

        { $link }
    .action = Confirm
request-asked =
    .subject = Request: { $request }
    .body =
        To { $body },

        { $asker } asks of you:

        - What: { $request }
        - Asked by: { $asker }
        - Due: { $due }

        Please take the request, carry it out and answer on its page.

        { $link }
    .action = Open the request

request-reminder =
    .subject = Request due soon: { $request }
    .body =
        To { $body },

        This request is due soon and has no final answer:

        - What: { $request }
        - Asked by: { $asker }
        - Due: { $due }

        { $link }
    .action = Open the request

request-overdue =
    .subject = Request overdue: { $request }
    .body =
        To { $body },

        This request is overdue and has no final answer:

        - What: { $request }
        - Asked by: { $asker }
        - Due: { $due }

        If it cannot be done, please say why, so that who asked can decide.

        { $link }
    .action = Open the request

request-escalation =
    .subject = Overdue request without an answer: { $request }
    .body =
        Dear { $person },

        { $body } has not answered a request that is overdue:

        - What: { $request }
        - Asked by: { $asker }
        - Due: { $due }

        Please see to it.

        { $link }
    .action = Open the request

request-answered =
    .subject = { $body } has answered: { $request }
    .body =
        { $body } has answered a request:

        - What: { $request }

        The outcome and its proof are on the request's page, where it can be accepted or returned.

        { $link }
    .action = See the answer

request-returned =
    .subject = Answer returned: { $request }
    .body =
        To { $body },

        { $asker } has returned your answer to the request "{ $request }", because:

        { $reason }

        - Due: { $due }

        { $link }
    .action = Open the request

report-asked =
    .subject = For your signature: { $report }
    .body =
        To { $person },

        { $author } asks you to sign off a paper of { $body }:

        - Paper: { $report }

        Its figures follow the evidence until you sign. If you cannot sign it yet, please send it back and say why.

        { $link }
    .action = Look and sign

report-returned =
    .subject = Sent back unsigned: { $report }
    .body =
        To { $person },

        { $signer } sent back the draft "{ $report }" of { $body }, because:

        { $reason }

        Please mend it and submit it again.

        { $link }
    .action = Open the draft

report-signed =
    .subject = Signed off: { $report }
    .body =
        To { $person },

        { $signer } has signed off a paper of { $body }:

        - Paper: { $report }

        Its PDF and Word files are ready for the clerk to number and send.

        { $link }
    .action = Open the paper

request-withdrawn =
    .subject = Request withdrawn: { $request }
    .body =
        To { $body },

        { $asker } has withdrawn the request "{ $request }", because:

        { $reason }

        Nothing more needs to be done.

        { $link }
    .action = See the request

line-down =
    .subject = Line down: { $line }
    .body =
        This line was reported to be down:

        - Line: { $line }
        - Since: { $since }

        When it is back, its page says so.

        { $link }
    .action = See the line

check-in-missed =
    .subject = No check-in yet: { $post }
    .body =
        To { $person },

        You are on duty and have not checked in:

        - Post: { $post }
        - On duty: { $silent }
        - Check-in due: { $due }

        Please check in now. Without an answer the backup is called next, then the head.

        { $link }
    .action = Check in

watch-silent =
    .subject = A watch is silent: { $post }
    .body =
        To { $person },

        This person is on duty, has not checked in and does not answer:

        - Post: { $post }
        - On duty: { $silent }
        - Check-in due: { $due }

        Please call them, or take the watch over here.

        { $link }
    .action = Take over

monitor-silent =
    .subject = Signal lost: { $monitor }
    .body =
        To { $person },

        This system has not reported in time:

        - Signal: { $monitor }
        - Body: { $body }
        - Last heard: { $since }

        Please take it, or pass it on to the next one, here.

        { $link }
    .action = Take it

outside-report =
    .subject = An outside system reports: { $title }
    .body =
        To { $person },

        An outside system reports something that cannot wait:

        - What: { $title }
        - Reported by: { $source }
        - Body: { $body }
        - Alerts: { $n }
        - Since: { $since }

        Please take it, or pass it on to the next one, here.

        { $link }
    .action = Take it

centre-silent =
    .subject = The Canh centre does not answer: { $centre }
    .brief = The machine that watches Canh from outside has something to say. Please call the centre now.
    .body =
        A machine outside cannot reach the Canh centre. Meanwhile Canh may be unable to call anybody.

        - Centre: { $centre }
        - No answer since: { $since }
        { $has-heard ->
            [yes] - Last heard: { $heard }
           *[no] - Last heard: never
        }
        - What the machine outside found: { $why }

        Please look at the server, the network and the service `canh serve`; keep watch by telephone until it is back.

centre-back =
    .subject = The Canh centre answers again: { $centre }
    .brief = The machine that watches Canh from outside has news.
    .body =
        The Canh centre answers again.

        - Centre: { $centre }
        - No answer since: { $since }
        - Answers again since: { $until }

        Please look on Canh at what came due meanwhile.

centre-heard =
    .subject = Trying the alarm for the Canh centre: { $centre }
    .brief = A trial of the machine that watches Canh from outside. Nothing has happened.
    .body =
        This is a trial of the machine outside. Nothing has happened.

        - Centre: { $centre }

        When the centre does not answer, this address is told.

channel-daily =
    .subject = Channel test of { $day }
    .body =
        To { $person },

        This is the daily test of this channel ({ $day }). Nothing has happened, no answer is needed.

channel-daily-failed =
    .subject = A channel of yours did not take the test: { $channel }
    .body =
        To { $person },

        Today's test could not be sent over: { $channel }.

        When something happens you may not be told over it. Please look at it at the address below.

        { $link }
    .action = My channels

alert-urgent =
    .subject = Alert: { $alert }
    .body =
        To { $person },

        There is an alert that cannot wait:

        - Alert: { $alert }
        - Machine: { $host }
        - Body: { $body }
        - At: { $since }

        Please take it, or pass it on to the next one, here.

        { $link }
    .action = Take it

duty-call =
    .subject = { $by } calls whoever is on duty: { $title }
    .body =
        To { $person },

        { $by } needs whoever is on duty:

        - What: { $title }
        { $has-post ->
            [yes] - Post: { $post } ({ $body })
           *[no] - Calling body: { $body }
        }
        - Called at: { $since }

        Please take it, or pass it on to the next one, here.

        { $link }
    .action = Take it

person-call =
    .subject = { $by } calls { $who }: { $title }
    .body =
        To { $person },

        { $by } needs { $who } ({ $body }):

        - What: { $title }
        - Called at: { $since }

        Please take it, or pass it on to the next one, here.

        { $link }
    .action = Take it

duty-call-taken =
    .subject = Somebody took it: { $title }
    .body =
        To { $person },

        { $who } has taken what you called for.

        - What: { $title }

        { $link }
    .action = See what happens

duty-call-unanswered =
    .subject = Nobody took it: { $title }
    .body =
        To { $person },

        Canh went through every step and nobody took what you called for. Please call by telephone.

        - What: { $title }

        { $link }
    .action = See who was called

shift-soon =
    .subject = Your turn begins soon: { $post }
    .body =
        To { $person },

        Your turn on duty begins soon. Please check in here when you take over.

        - Post: { $post }
        - From: { $since }
        - Until: { $until }

        { $link }
    .action = Check in

swap-asked =
    .subject = { $giver } asks for a swap: { $post }
    .body =
        To { $person },

        { $giver } asks you to take a turn. Please agree or refuse on Canh.

        - Post: { $post }
        - Gives the turn: { $giver }
        - Takes it: { $taker }
        - From: { $since }
        - Until: { $until }

        { $link }
    .action = Answer

swap-to-decide =
    .subject = A swap waits to be approved: { $post }
    .body =
        To { $person },

        Both agreed to a swap. Please approve or refuse it on Canh; until then the roster stays as it is.

        - Post: { $post }
        - Gives the turn: { $giver }
        - Takes it: { $taker }
        - From: { $since }
        - Until: { $until }

        { $link }
    .action = Decide

swap-approved =
    .subject = Swapped: { $post }
    .body =
        To { $person },

        The swap was approved; the roster has changed.

        - Post: { $post }
        - Gives the turn: { $giver }
        - Takes it: { $taker }
        - From: { $since }
        - Until: { $until }

        { $link }
    .action = See my duty

swap-refused =
    .subject = Not swapped: { $post }
    .body =
        To { $person },

        The swap was refused; the roster stays as it was.

        - Post: { $post }
        - Gives the turn: { $giver }
        - Takes it: { $taker }
        - From: { $since }
        - Until: { $until }

        { $link }
    .action = See my duty

drill-call =
    .subject = Reachability drill before the watch: { $post }
    .body =
        To { $person },

        This is the drill of reachability before the watch, sent on every channel of yours. Nothing has happened.

        - Post: { $post }

        Please press to confirm that you can be reached.

        { $link }
    .action = I can be reached

test-call =
    .subject = Test call of your shift: { $post }
    .body =
        To { $person },

        This is the test call of your shift. Nothing has happened.

        - Post: { $post }

        Please press to confirm that you are on duty.

        { $link }
    .action = I am on duty

channel-test =
    .subject = Test of a contact channel on Canh
    .body =
        Dear { $person },

        This is the test message you asked for at { $at }. Nothing has happened, nothing is to be done.
    .short = Canh: test message of { $at }. Nothing has happened.
