//! A database with the schema, for tests and the benchmark alike.

use orgraph_testkit::TestDb;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// A migrated database without rows.
pub(crate) async fn migrated() -> TestDb {
    orgraph_testkit::db_with("query", async |url| {
        let mut connection = PgConnection::connect(&url).await?;
        let prepare = include_str!("../../../store/queries/prepare_database.sql");
        for script in [prepare, "SET ROLE orgraph_owner; SET search_path = orgraph_internal"] {
            sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut connection).await?;
        }
        MIGRATOR.run_direct(None, &mut connection, false).await?;
        Ok(())
    })
    .await
}
