//! The kit a collector is written against: calls, pacing, sessions, paging, batches.
