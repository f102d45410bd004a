use chrono::NaiveDate;
use orgraph_model::EntityType;
use orgraph_model::declare::Entity;
use orgraph_model::vocabulary::DOMAIN;
use schemars::JsonSchema;
use serde::Serialize;

use super::table::{Fields, Table};

/// A domain that is registered elsewhere than on Route 53, from the file that the operator keeps.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// The name in lower case, without the dot at its end.
    domain_name: String,
    /// With whom it is registered.
    registrar: Option<String>,
    /// The addresses of those who answer for it.
    contact_emails: Vec<String>,
    /// When the registration ends, in milliseconds since the epoch.
    expires_on: Option<i64>,
    /// Whether it is in use.
    active: Option<bool>,
}

pub(super) static TABLE: Table<Domain> = Table { name: "domain", required: &["name"], shape: Domain::of };

impl Entity for Domain {
    const TYPE: EntityType = DOMAIN;
}

impl Domain {
    pub(super) fn of(fields: &mut Fields) -> Result<Self, String> {
        let written = fields.required("name")?;
        let name = written.trim_end_matches('.').to_lowercase();
        let is_label =
            |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '_');
        if !name.contains('.') || !name.split('.').all(is_label) {
            return Err(format!("`{written}` is not a domain name; write it as example.org"));
        }
        Ok(Self {
            domain_name: name,
            registrar: fields.text("registrar")?,
            contact_emails: fields.texts("contact_emails")?,
            expires_on: fields.text("expires_on")?.map(|it| day(&it)).transpose()?,
            active: fields.flag("active")?,
        })
    }

    pub(super) fn key(&self) -> String {
        format!("domain:{}", self.domain_name)
    }

    pub(super) fn title(&self) -> String {
        self.domain_name.clone()
    }
}

fn day(text: &str) -> Result<i64, String> {
    let day = text.parse::<NaiveDate>();
    let day = day.map_err(|_| format!("`expires_on` is `{text}`; write a day such as 2030-01-31"))?;
    Ok(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}
