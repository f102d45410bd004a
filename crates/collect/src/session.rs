//! One account's credentials: assumed with its external ID, checked to be its own, renewed in single flight.
//!
//! There is no way from here to the base credentials for an account that names a role: a session without its role's
//! credentials cannot be made.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region as SdkRegion;
use orgraph_model::{AccountId, AwsPartition, Region};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::connector::{Run, Stamp, shared_http_client};
use crate::{Call, CollectError, Limits, Pacing, Service, call};

/// How AWS is reached.
#[derive(Debug, Clone, Default)]
pub struct AwsSettings {
    /// The address of an AWS stand-in; the real endpoints when absent.
    pub endpoint_url: Option<String>,
    /// Which AWS.
    pub partition: AwsPartition,
    /// The named profile of the base credentials.
    pub profile: Option<String>,
    /// The region whose STS endpoint is asked, and where global services are called from the base.
    pub home_region: String,
}

/// An account that is to be read.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its ID, which the credentials are checked against.
    pub account: AccountId,
    /// The name a person configured or the organization knows.
    pub name: Option<String>,
    /// Where its credentials come from.
    pub role: Role,
    /// The value of the tag `AccountName` that every entity of the account gets.
    pub tag_account_name: Option<String>,
    /// The value of the tag `Production` that every entity of the account gets.
    pub tag_production: Option<bool>,
}

/// Where the credentials of an account come from.
#[derive(Clone)]
pub enum Role {
    /// The base credentials, for the account that they belong to and no other.
    Base,
    /// A role in the account.
    Assume {
        /// Its ARN.
        arn: String,
        /// The external ID its trust policy asks for.
        external_id: Option<SecretString>,
    },
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base => f.write_str("Base"),
            Self::Assume { arn, .. } => f.debug_struct("Assume").field("arn", arn).finish_non_exhaustive(),
        }
    }
}

/// Why an account could not be opened. Never names an external ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// AWS refused the role.
    #[error(
        "sts:AssumeRole on {role} was refused ({code}): the role must exist, its trust policy must name the caller, and the external ID must match"
    )]
    Refused {
        /// The role's ARN.
        role: String,
        /// AWS's error code.
        code: String,
    },
    /// AWS could not be asked.
    #[error("{operation} failed: {reason}")]
    Unreachable {
        /// The API operation.
        operation: &'static str,
        /// The kind of failure.
        reason: String,
    },
    /// The credentials are those of another account. Nothing is read with them.
    #[error("the credentials for account {expected} belong to account {found}")]
    WrongAccount {
        /// The account that was to be read.
        expected: AccountId,
        /// The account that the credentials belong to.
        found: String,
    },
    /// There are no base credentials.
    #[error("no AWS credentials were found: {reason}")]
    NoCredentials {
        /// What the credentials chain said.
        reason: String,
    },
}

static SESSION_CALLS: [Call; 2] = [call("AssumeRole"), call("GetCallerIdentity")];

/// The way to AWS that every account shares: one HTTP client, one pair of base credentials.
#[derive(Debug)]
pub struct Aws {
    settings: AwsSettings,
    http: SharedHttpClient,
    base: SharedCredentialsProvider,
    limits: Limits,
}

impl Aws {
    /// Finds the base credentials: environment, profile, web identity, container or instance role.
    pub async fn connect(settings: AwsSettings, limits: Limits) -> Result<Self, SessionError> {
        let region = SdkRegion::new(settings.home_region.clone());
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(region);
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
        let base = config.credentials_provider().ok_or_else(|| SessionError::NoCredentials {
            reason: "the credentials chain is empty".to_owned(),
        })?;
        let http = shared_http_client(settings.endpoint_url.as_deref());
        Ok(Self::with(settings, limits, http, base))
    }

    /// From parts, for tests and fixtures.
    pub(crate) fn with(
        settings: AwsSettings,
        limits: Limits,
        http: SharedHttpClient,
        base: SharedCredentialsProvider,
    ) -> Self {
        Self { settings, http, base, limits }
    }

    /// Which AWS.
    pub fn partition(&self) -> AwsPartition {
        self.settings.partition
    }

    /// The account that the base credentials belong to.
    pub async fn base_account(&self) -> Result<AccountId, SessionError> {
        let pacing = Arc::new(Pacing::new(self.limits.clone()));
        let run = Run::new("session", Service::STS, &SESSION_CALLS, pacing);
        self.base
            .provide_credentials()
            .await
            .map_err(|error| SessionError::NoCredentials { reason: credentials_problem(&error) })?;
        let identity = self.identity(&run, self.base.clone()).await?;
        identity.parse().map_err(|_| SessionError::Unreachable {
            operation: "sts:GetCallerIdentity",
            reason: "the answer named no account".to_owned(),
        })
    }

    /// Opens an account: assumes its role and makes sure that the credentials are its own.
    ///
    /// `run_id` becomes part of the role session name, so that the account's CloudTrail says which run called.
    pub async fn open(self: &Arc<Self>, target: Target, run_id: &str) -> Result<Arc<Session>, SessionError> {
        let pacing = Arc::new(Pacing::new(self.limits.clone()));
        let keeper = Arc::new(Keeper {
            aws: Arc::clone(self),
            account: target.account.clone(),
            role: target.role.clone(),
            session_name: session_name(run_id),
            run: Run::new("session", Service::STS, &SESSION_CALLS, Arc::clone(&pacing)),
            current: Mutex::new(None),
        });
        keeper.current().await?;
        Ok(Arc::new(Session { aws: Arc::clone(self), target, pacing, keeper }))
    }

    async fn assume(
        &self,
        run: &Arc<Run>,
        arn: &str,
        external_id: Option<&SecretString>,
        name: &str,
    ) -> Result<Credentials, SessionError> {
        let request = self.sts(run, self.base.clone()).assume_role().role_arn(arn).role_session_name(name);
        let request = match external_id {
            Some(external_id) => request.external_id(external_id.expose_secret()),
            None => request,
        };
        let answer = request.send().await.map_err(|error| match error.as_service_error() {
            Some(service) if !is_passing(service.code()) => SessionError::Refused {
                role: arn.to_owned(),
                code: service.code().unwrap_or("no code").to_owned(),
            },
            _ => unreachable("sts:AssumeRole", error),
        })?;
        let given = answer.credentials.ok_or_else(|| SessionError::Unreachable {
            operation: "sts:AssumeRole",
            reason: "the answer held no credentials".to_owned(),
        })?;
        let expires = SystemTime::try_from(given.expiration).ok();
        Ok(Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            expires,
            "orgraph-assume-role",
        ))
    }

    async fn identity(
        &self,
        run: &Arc<Run>,
        provider: SharedCredentialsProvider,
    ) -> Result<String, SessionError> {
        let answer = self.sts(run, provider).get_caller_identity().send().await;
        let answer = answer.map_err(|error| unreachable("sts:GetCallerIdentity", error))?;
        Ok(answer.account.unwrap_or_default())
    }

    fn sts(&self, run: &Arc<Run>, provider: SharedCredentialsProvider) -> aws_sdk_sts::Client {
        let region = &self.settings.home_region;
        let config = self.sdk_config(region, provider);
        let config = aws_sdk_sts::config::Builder::from(&config)
            .retry_partition(run.pacing.retry_partition(region, Service::STS.name))
            .interceptor(Stamp { run: Arc::clone(run), region: region.clone() })
            .build();
        aws_sdk_sts::Client::from_conf(config)
    }

    /// The configuration that clients start from: nothing is taken from the environment.
    fn sdk_config(&self, region: &str, provider: SharedCredentialsProvider) -> SdkConfig {
        let limits = &self.limits;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(limits.attempt_timeout)
            .operation_timeout(limits.operation_timeout)
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(region.to_owned()))
            .http_client(self.http.clone())
            .credentials_provider(provider)
            // The session keeps its credentials itself; a second cache would go on using refused ones.
            .identity_cache(aws_sdk_sts::config::IdentityCache::no_cache())
            .retry_config(RetryConfig::standard().with_max_attempts(limits.max_attempts.max(1)))
            .timeout_config(timeouts)
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new());
        config.set_endpoint_url(self.settings.endpoint_url.clone());
        config.build()
    }
}

/// An opened account.
#[derive(Debug)]
pub struct Session {
    aws: Arc<Aws>,
    target: Target,
    pacing: Arc<Pacing>,
    keeper: Arc<Keeper>,
}

impl Session {
    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.target.account
    }

    /// The account as it was configured.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The same session with another name and other tags, once they are known. The credentials stay the account's own.
    pub fn described(
        &self,
        name: Option<String>,
        tag_account_name: Option<String>,
        tag_production: Option<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            aws: Arc::clone(&self.aws),
            target: Target { name, tag_account_name, tag_production, ..self.target.clone() },
            pacing: Arc::clone(&self.pacing),
            keeper: Arc::clone(&self.keeper),
        })
    }

    /// Which AWS.
    pub fn partition(&self) -> AwsPartition {
        self.aws.settings.partition
    }

    /// How fast it may be asked.
    pub fn limits(&self) -> &Limits {
        self.pacing.limits()
    }

    pub(crate) fn pacing(&self) -> &Arc<Pacing> {
        &self.pacing
    }

    pub(crate) fn sdk_config(&self, region: &str) -> SdkConfig {
        let provider = SharedCredentialsProvider::new(Kept(Arc::clone(&self.keeper)));
        self.aws.sdk_config(region, provider)
    }

    /// The region whose endpoints are called for `region`.
    pub(crate) fn endpoint_region(&self, region: &Region) -> String {
        if region.is_global() {
            self.partition().global_region().to_owned()
        } else {
            region.as_str().to_owned()
        }
    }

    /// Forgets the credentials, because AWS refused them; the next request gets new ones. `refused` tells which.
    pub(crate) async fn forget_credentials(&self) {
        self.keeper.current.lock().await.take();
    }
}

/// Holds the credentials of one account. One lock makes renewal single flight.
struct Keeper {
    aws: Arc<Aws>,
    account: AccountId,
    role: Role,
    session_name: String,
    run: Arc<Run>,
    current: Mutex<Option<Credentials>>,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Keeper {
    /// How long before their end credentials are renewed.
    const MARGIN: Duration = Duration::from_mins(5);

    async fn current(&self) -> Result<Credentials, SessionError> {
        let mut current = self.current.lock().await;
        if let Some(credentials) = current.as_ref().filter(|it| !Self::ends_soon(it)) {
            return Ok(credentials.clone());
        }
        let credentials = match &self.role {
            Role::Base => self
                .aws
                .base
                .provide_credentials()
                .await
                .map_err(|error| SessionError::NoCredentials { reason: credentials_problem(&error) })?,
            Role::Assume { arn, external_id } => {
                self.aws.assume(&self.run, arn, external_id.as_ref(), &self.session_name).await?
            }
        };
        let provider = SharedCredentialsProvider::new(credentials.clone());
        let found = self.aws.identity(&self.run, provider).await?;
        if found != self.account.as_str() {
            return Err(SessionError::WrongAccount { expected: self.account.clone(), found });
        }
        *current = Some(credentials.clone());
        Ok(credentials)
    }

    fn ends_soon(credentials: &Credentials) -> bool {
        credentials.expiry().is_some_and(|expiry| SystemTimeSource::new().now() + Self::MARGIN >= expiry)
    }
}

/// The keeper as the SDK wants it.
#[derive(Debug)]
struct Kept(Arc<Keeper>);

impl ProvideCredentials for Kept {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.0.current().await.map_err(CredentialsError::provider_error)
        })
    }
}

/// `[\w+=,.@-]{2,64}`.
fn session_name(run_id: &str) -> String {
    let name: String = format!("orgraph-{run_id}")
        .chars()
        .filter(|it| it.is_ascii_alphanumeric() || "+=,.@-_".contains(*it))
        .take(64)
        .collect();
    name
}

fn is_passing(code: Option<&str>) -> bool {
    matches!(
        code,
        None | Some("Throttling" | "ServiceUnavailable" | "InternalFailure" | "RequestExpired" | "SlowDown")
    )
}

fn unreachable<E, R>(
    operation: &'static str,
    error: aws_smithy_runtime_api::client::result::SdkError<E, R>,
) -> SessionError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug + 'static,
{
    SessionError::Unreachable { operation, reason: CollectError::from(error).to_string() }
}

/// The kind of problem, without the chain's own text, which may quote configuration.
fn credentials_problem(error: &CredentialsError) -> String {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => "no provider of the chain has any".to_owned(),
        CredentialsError::ProviderTimedOut(_) => "the provider did not answer in time".to_owned(),
        CredentialsError::InvalidConfiguration(_) => "the configuration of the chain is invalid".to_owned(),
        _ => "the provider failed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_never_shows_its_external_id() {
        let role = Role::Assume {
            arn: "arn:aws:iam::000000000001:role/r".to_owned(),
            external_id: Some(SecretString::from("planted-secret")),
        };

        assert!(!format!("{role:?}").contains("planted-secret"));
    }

    #[test]
    fn a_session_name_has_only_the_characters_sts_takes() {
        assert_eq!(session_name("run 7/é"), "orgraph-run7");
        assert_eq!(session_name(&"x".repeat(100)).len(), 64);
    }
}
