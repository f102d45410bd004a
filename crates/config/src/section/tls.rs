use std::fs::File;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::secret;
use crate::tree::Place;

/// What the endpoint proves its name with.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "a table such as { certificate_file = \"...\", key_file = \"...\" }"
)]
pub struct Tls {
    /// PEM file with the certificate and those between it and its authority, in this order.
    pub certificate_file: PathBuf,
    /// PEM file with the private key, readable by its owner only.
    pub key_file: PathBuf,
}

impl Tls {
    /// Whether the files can be read. What is in them is looked at by who uses them.
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        for (option, file) in
            [("certificate_file", &mut self.certificate_file), ("key_file", &mut self.key_file)]
        {
            if file.as_os_str().is_empty() {
                let message = format!("TLS needs `{option}`");
                let help = "write tls = { certificate_file = \"tls.crt\", key_file = \"tls.key\" }";
                review.problem(&place.key(option), message, help);
                return;
            }
            // Like every path in the file, these begin in its folder.
            *file = review.folder.join(&*file);
        }
        if let Err(error) = File::open(&self.certificate_file) {
            let message = format!("{} cannot be read: {error}", self.certificate_file.display());
            let help = "write the path of a file that the daemon may read";
            review.problem(&place.key("certificate_file"), message, help);
        }
        if let Err(fault) = secret::read(&self.key_file) {
            review.problem(&place.key("key_file"), fault.message, fault.help);
        }
    }
}
