//! What tests share: a PostgreSQL server per run, a database per test, the AWS stand-in.
