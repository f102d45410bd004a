use std::collections::BTreeSet;

use orgraph_model::EntityType;
use orgraph_model::declare::Entity;
use orgraph_model::vocabulary::PERSON;
use schemars::JsonSchema;
use serde::Serialize;

use super::table::{Fields, Table};
use crate::people::address;

/// Somebody of the organization, from the file that the operator keeps. Never made up from a user.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The given name.
    first_name: String,
    /// The family name.
    last_name: String,
    /// All e-mail addresses, the primary one first.
    email: Vec<String>,
    /// The domains of the addresses.
    email_domain: Vec<String>,
    /// Names the person signs in with.
    user_ids: Vec<String>,
    /// The number in the personnel files.
    employee_id: Option<String>,
    /// The kind of employment, such as `employee` or `contractor`.
    employee_type: Option<String>,
    /// Whether the person works here now.
    active: Option<bool>,
}

pub(super) static TABLE: Table<Person> =
    Table { name: "person", required: &["email", "first_name", "last_name"], shape: Person::of };

impl Entity for Person {
    const TYPE: EntityType = PERSON;
}

impl Person {
    pub(super) fn of(fields: &mut Fields) -> Result<Self, String> {
        let email = fields.texts("email")?;
        let (first_name, last_name) = (fields.required("first_name"), fields.required("last_name"));
        if email.is_empty() {
            return Err("`email` is missing".to_owned());
        }
        if let Some(wrong) = email.iter().find(|it| address(it).is_none()) {
            return Err(format!("`{wrong}` is not an e-mail address; write it as name@example.com"));
        }
        let domains: BTreeSet<String> =
            email.iter().filter_map(|it| Some(it.rsplit_once('@')?.1.to_lowercase())).collect();
        Ok(Self {
            first_name: first_name?,
            last_name: last_name?,
            email,
            email_domain: domains.into_iter().collect(),
            user_ids: fields.texts("user_ids")?,
            employee_id: fields.text("employee_id")?,
            employee_type: fields.text("employee_type")?,
            active: fields.flag("active")?,
        })
    }

    pub(super) fn key(&self) -> String {
        format!("person:{}", self.email.first().map(|it| it.to_lowercase()).unwrap_or_default())
    }

    pub(super) fn title(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}
