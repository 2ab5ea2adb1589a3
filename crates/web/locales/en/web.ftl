## frame: every page
frame-skip = Skip to content
frame-nav = Navigation
frame-live = Live
frame-switch = Working for
frame-search = Find a body, letter, system…
frame-left = Left
frame-lang = Tiếng Việt
frame-theme = Light or dark
frame-theme-light = Light
frame-theme-dark = Dark
frame-theme-auto = As the device
frame-account = My account
frame-keys = Keyboard shortcuts
frame-logout = Sign out
frame-key-search = Search
frame-key-rows = Next row, previous row
frame-key-cells = Cell to the left, to the right
frame-key-open = Open
frame-key-help = This list of shortcuts
frame-key-close = Close, stop typing
frame-close = Close
frame-pages = Pages of the list
frame-prev = Previous
frame-next = Next
frame-filter = Filter
frame-optional = optional
frame-copy = Copy

## frame: sections
frame-board = Board
frame-orders = Orders
frame-tasks = My duties
frame-requests = Requests
frame-register = Register
frame-audit = Audit log
frame-admin = Administration

## error: what went wrong and what to do
error-not-found = There is no such page, or it is not yours to see
error-sign-in = Please sign in first
error-forbidden = You may not do this
error-csrf = The form has expired. Reload the page and send it again
error-unreadable = The request is malformed
error-unsupported = This content type is not accepted
error-invalid = Some fields need correcting
error-stale = Somebody else has just changed this. Reload the page and try again
error-too-large = The file or form is too large
error-too-many = Too many tries. Please wait a moment
error-wrong-method = This address does not take that kind of request
error-internal = A fault of the system. What you did was not recorded
error-duplicate = This already exists
error-operation = When you report it, give this code:
error-home = To the first page
