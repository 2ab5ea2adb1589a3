//! Runs hostile input in a killable child process with limits.
