//! Where secrets come from: the configuration itself, a file only its owner may read, or the environment.

use std::fs::{self, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::review::Review;
use crate::shape;
use crate::tree::Place;

/// The three options one secret may be given by.
pub(crate) struct Ways<'a> {
    /// The name of the first; the others end in `_file` and `_env`.
    pub(crate) name: &'static str,
    pub(crate) value: &'a Option<SecretString>,
    pub(crate) file: &'a Option<PathBuf>,
    pub(crate) env: &'a Option<String>,
}

/// The secret and the option it came by; nothing when none is set, or after saying why it cannot be read.
pub(crate) fn resolve<'a>(
    ways: &Ways<'_>,
    section: &Place<'a>,
    review: &mut Review<'_>,
) -> Option<(SecretString, Place<'a>)> {
    let name = ways.name;
    let places =
        [name.to_owned(), format!("{name}_file"), format!("{name}_env")].map(|name| section.key(&name));
    let set: Vec<&Place<'a>> = places.iter().filter(|place| place.is_set()).collect();
    if let [_, second, ..] = set[..] {
        let message = format!("only one of {name}, {name}_file and {name}_env may be set");
        review.problem(
            second,
            message,
            "remove all but one; a file or the environment keeps it out of this file",
        );
        return None;
    }

    let [in_place, in_file, in_env] = places;
    if let Some(value) = ways.value {
        return Some((value.clone(), in_place));
    }
    if let Some(file) = ways.file {
        let file = review.folder.join(file);
        return match read(&file) {
            Ok(value) => Some((value, in_file)),
            Err(fault) => {
                review.problem(&in_file, fault.message, fault.help);
                None
            }
        };
    }
    let variable = ways.env.as_ref()?;
    if !shape::is_env_name(variable) {
        // Likely the secret itself.
        review.hide(in_env.node());
        let help = format!(
            "write capitals, digits and `_`, such as {name}_env = \"ORGRAPH_{}\"",
            name.to_uppercase()
        );
        review.problem(&in_env, "this is not the name of an environment variable", help);
        return None;
    }
    let Some(value) = (review.env)(variable).filter(|value| !value.is_empty()) else {
        let message = format!("the environment variable {variable} is not set");
        review.problem(&in_env, message, format!("set {variable}, or use {name}_file"));
        return None;
    };
    Some((value.into(), in_env))
}

/// Why a secret file is not used.
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// The text of a file that only its owner may read.
pub(crate) fn read(file: &Path) -> Result<SecretString, Fault> {
    let shown = file.display();
    let cannot = |error: std::io::Error| Fault {
        message: format!("cannot read the secret file {shown}: {error}"),
        help: "create the file, owned by the user the daemon runs as, with mode 600".to_owned(),
    };
    let metadata = fs::metadata(file).map_err(cannot)?;
    if !metadata.is_file() {
        return Err(Fault {
            message: format!("{shown} is not a file"),
            help: "name a file that holds the secret".to_owned(),
        });
    }
    if is_open_to_others(&metadata) {
        return Err(Fault {
            message: format!("the secret file {shown} can be read by other users"),
            help: format!("run: chmod 600 {shown}"),
        });
    }
    let text = fs::read_to_string(file).map_err(cannot)?;
    let secret = text.trim_end_matches(['\n', '\r']);
    if secret.is_empty() {
        return Err(Fault {
            message: format!("the secret file {shown} is empty"),
            help: "write the secret into it, on one line".to_owned(),
        });
    }
    Ok(secret.into())
}

fn is_open_to_others(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o077 != 0
}
