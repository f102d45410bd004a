//! The graph in PostgreSQL: one write path, history, leases, coverage. Knows no AWS.
