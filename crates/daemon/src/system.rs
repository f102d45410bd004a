//! What every command that works on the graph needs: the configuration, the database and the way to AWS.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use orgraph_collect::Aws;
use orgraph_config::{Config, DatabasePlace};
use orgraph_embedded::{Server, Settings};
use orgraph_model::AccountId;
use orgraph_plan::{DepartureSettings, GuardSettings, Sighting};
use orgraph_store::{ConnectSettings, Origin, PgType, Sighted, Store};
use secrecy::ExposeSecret;
use tracing::info;

use crate::clock::now;
use crate::settings;

/// The database, and the private server behind it if there is one.
pub(crate) struct Graph {
    /// The graph.
    pub(crate) store: Store,
    /// The address it was reached at. Holds a password: never logged.
    pub(crate) url: String,
    server: Option<Server>,
}

impl Graph {
    /// Connects to the configured database, starting the private server when none is configured, and brings the
    /// schema up to date.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let (url, server) = match config.database.place() {
            DatabasePlace::Url(url) => (url.expose_secret().to_owned(), None),
            DatabasePlace::Embedded { data_dir, bin_dir } => {
                // A private server that another process of ours runs is shared, not fought over.
                if let Some(url) = Server::attach(data_dir).await? {
                    (url, None)
                } else {
                    let mut settings = Settings::new(data_dir);
                    settings.bin_dir = bin_dir.map(Path::to_owned);
                    let server = Server::start(settings).await?;
                    info!(adopted = server.adopted(), "the private PostgreSQL server runs");
                    (server.url().to_owned(), Some(server))
                }
            }
        };
        let opened = Self::migrated(&url).await;
        match opened {
            Ok(store) => Ok(Self { store, url, server }),
            Err(error) => {
                if let Some(server) = server {
                    let _ = server.stop().await;
                }
                Err(error)
            }
        }
    }

    async fn migrated(url: &str) -> anyhow::Result<Store> {
        orgraph_store::migrate(url).await.context("failed to bring the database schema up to date")?;
        let store = Store::connect(url, &ConnectSettings::default())
            .await
            .context("failed to connect to the database")?;
        let views = orgraph_catalog::type_views().into_iter().map(type_view).collect::<Vec<_>>();
        store.replace_type_views(&views).await.context("failed to write the views of the entity types")?;
        Ok(store)
    }

    /// Closes the connections and stops the private server.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.store.close().await;
        if let Some(server) = self.server {
            server.stop().await?;
        }
        Ok(())
    }
}

/// Everything a run needs.
#[derive(Clone)]
pub(crate) struct System {
    /// What the file says.
    pub(crate) config: Arc<Config>,
    /// The graph.
    pub(crate) store: Store,
    /// The way to AWS.
    pub(crate) aws: Arc<Aws>,
    /// The account that lists the organization, if there is one.
    pub(crate) management: Option<AccountId>,
    /// Who claims leases: this process.
    pub(crate) holder: String,
    /// When removals wait for a second look.
    pub(crate) guard: GuardSettings,
}

impl System {
    /// Finds the credentials and the management account.
    pub(crate) async fn open(config: Arc<Config>, store: Store) -> anyhow::Result<Self> {
        let aws = Arc::new(Aws::connect(settings::aws(&config)?, settings::limits(&config)).await?);
        let management = match &config.organization {
            None => None,
            Some(organization) => Some(match &organization.management_role_arn {
                Some(arn) => account_of_role(arn)?,
                None => aws.base_account().await.context("failed to find the management account")?,
            }),
        };
        let guard = settings::guard(&config);
        let holder = format!("{}-{}", std::process::id(), uuid::Uuid::new_v4().simple());
        Ok(Self { config, store, aws, management, holder, guard })
    }
}

fn account_of_role(arn: &str) -> anyhow::Result<AccountId> {
    let account = arn.split(':').nth(4).unwrap_or_default();
    account.parse().context("organization.management_role_arn")
}

impl System {
    /// Makes the accounts known that the configuration names, and the one that lists the organization.
    pub(crate) async fn know_accounts(&self) -> anyhow::Result<()> {
        let now = now();
        let sighted = |account: AccountId, management: bool| Sighted {
            name: settings::explicit(&self.config, &account).and_then(|it| it.name.clone()),
            account,
            email: None,
            org_arn: None,
            org_status: None,
            management,
            sighting: Sighting::Wanted,
            reason: None,
            first_due_at: Some(now),
        };
        let mut named = Vec::new();
        for explicit in &self.config.accounts {
            let account: AccountId = explicit.id.parse().context("account.id")?;
            if self.management.as_ref() != Some(&account) {
                named.push(sighted(account, false));
            }
        }
        // The file is whole, so what it no longer names has left.
        let departures = DepartureSettings::default();
        self.store.upsert_accounts(Origin::Configuration, &named, now, Some(&departures)).await?;
        if let Some(management) = &self.management
            && self.store.account(management).await?.is_none()
        {
            let management = [sighted(management.clone(), true)];
            self.store.upsert_accounts(Origin::Organization, &management, now, None).await?;
        }
        Ok(())
    }

    /// What is done once an hour: room for history, history that is no longer kept, accounts that left.
    pub(crate) async fn keep_house(&self, now: DateTime<Utc>) -> anyhow::Result<()> {
        self.store.ensure_history_partitions(now).await?;
        if let Some(retention) = self.config.history.retention {
            self.store.drop_history(now - settings::delta(retention)).await?;
        }
        let grace = self.config.organization.as_ref().map_or(DEFAULT_GRACE, |it| it.grace_period);
        for account in self.store.accounts_to_close(now - settings::delta(grace)).await? {
            let lease_time = settings::delta(self.config.daemon.lease);
            if let Some(lease) = self.store.claim_lease(&account, &self.holder, lease_time).await? {
                let closed = self.store.close_account(&lease, "the account left").await;
                self.store.release_lease(&lease).await?;
                closed?;
                info!(account.id = %account, "account {account} left and its rows ended; its history is kept");
            }
        }
        Ok(())
    }
}

/// How long an account that the configuration no longer names stays in the graph.
const DEFAULT_GRACE: Duration = Duration::from_hours(7 * 24);

fn type_view(view: orgraph_catalog::TypeView) -> orgraph_store::TypeView {
    use orgraph_catalog::ColumnType;
    let pg_type = |it: ColumnType| match it {
        ColumnType::Text => PgType::Text,
        ColumnType::BigInt => PgType::BigInt,
        ColumnType::Double => PgType::Double,
        ColumnType::Boolean => PgType::Boolean,
        ColumnType::Jsonb => PgType::Json,
    };
    let columns = view.columns.into_iter().map(|(property, column)| (property, pg_type(column))).collect();
    let comment = format!("Every {} as it is now, with a column per property", view.name);
    orgraph_store::TypeView { name: view.name, comment, columns }
}
