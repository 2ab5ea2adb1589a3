callout-log = Course of the call-out
