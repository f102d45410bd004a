use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// The people of the organization, so that users can be told to be somebody.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [people]")]
pub struct People {
    /// File with one person in each row: CSV with the columns `email`, `first_name`, `last_name` and, where known,
    /// `user_ids`, `employee_id`, `employee_type`, `active`; or TOML with one `[[person]]` for each. Several
    /// addresses are separated by `;`. It is read again with every run.
    #[schemars(extend("x-example" = "/etc/orgraph/people.csv"))]
    pub file: Option<PathBuf>,
}

/// Domains that are registered elsewhere than on Route 53.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [domains]")]
pub struct Domains {
    /// File with one domain in each row: CSV with the column `name` and, where known, `registrar`,
    /// `contact_emails`, `expires_on`, `active`; or TOML with one `[[domain]]` for each. It is read again with every
    /// run.
    #[schemars(extend("x-example" = "/etc/orgraph/domains.csv"))]
    pub file: Option<PathBuf>,
}

impl People {
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        check(&mut self.file, &place.key("file"), review);
    }
}

impl Domains {
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        check(&mut self.file, &place.key("file"), review);
    }
}

/// Whether the file can be told apart from others and is there. What is in it is looked at with every run.
fn check(file: &mut Option<PathBuf>, place: &Place<'_>, review: &mut Review<'_>) {
    let Some(path) = file.take().map(|it| review.folder.join(it)) else { return };
    let ending = path.extension().map(|it| it.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if !["csv", "toml"].contains(&ending.as_str()) {
        let message = format!("`{}` is neither CSV nor TOML by its name", path.display());
        review.problem(place, message, "name a file that ends with .csv or .toml");
    } else if let Err(error) = std::fs::File::open(&path) {
        let message = format!("{} cannot be read: {error}", path.display());
        review.problem(place, message, "write the path of a file that the daemon may read");
    }
    *file = Some(path);
}

#[cfg(test)]
mod tests {
    use crate::parse;

    fn problems(section: &str) -> String {
        let text = format!(
            "[[account]]\nid = \"111111111111\"\nrole_arn = \"arn:aws:iam::111111111111:role/r\"\nexternal_id_env = \"X\"\n{section}"
        );
        match parse("orgraph.toml", &text, &[], &|_| Some("0f3c1d2e".to_owned())) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }

    #[test]
    fn a_file_that_is_not_there_or_of_another_kind_is_a_mistake() {
        assert!(
            problems("[people]\nfile = \"no-such-file.csv\"\n").contains("no-such-file.csv cannot be read")
        );
        assert!(problems("[domains]\nfile = \"domains.xlsx\"\n").contains("neither CSV nor TOML"));
        assert_eq!(problems("[people]\n[domains]\n"), "");
    }
}
