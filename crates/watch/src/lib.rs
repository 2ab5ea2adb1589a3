//! Every clock: jobs, chasing, the outbox, evidence runs.
