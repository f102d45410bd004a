//! The compiler against PostgreSQL.
