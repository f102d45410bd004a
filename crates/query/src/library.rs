//! Named questions, shipped as files in `library/`, and those of a folder of the operator in the same format. They are
//! data: what a question means is the business of the compiler, and whether a shipped one gives what it says is that of
//! the tests.

mod folder;

pub use folder::{Library, LibraryError};

use std::sync::LazyLock;

use serde::Deserialize;

/// The files of the library, by theme.
static FILES: [(&str, &str); 13] = [
    ("inventory.toml", include_str!("../library/inventory.toml")),
    ("network.toml", include_str!("../library/network.toml")),
    ("data.toml", include_str!("../library/data.toml")),
    ("encryption.toml", include_str!("../library/encryption.toml")),
    ("iam.toml", include_str!("../library/iam.toml")),
    ("trust.toml", include_str!("../library/trust.toml")),
    ("expiry.toml", include_str!("../library/expiry.toml")),
    ("unused.toml", include_str!("../library/unused.toml")),
    ("logging.toml", include_str!("../library/logging.toml")),
    ("ownership.toml", include_str!("../library/ownership.toml")),
    ("regions.toml", include_str!("../library/regions.toml")),
    ("changes.toml", include_str!("../library/changes.toml")),
    ("findings.toml", include_str!("../library/findings.toml")),
];

/// A question with a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What it is called by: words in lower case with `-` between them.
    pub id: String,
    /// The question in words.
    pub title: String,
    /// What the answer holds and what it does not, above all what is unknown rather than false.
    pub description: String,
    /// What it is about, in lower case; at least one.
    pub tags: Vec<String>,
    /// How bad a row of the answer is, where rows are something to mend.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The question in J1QL.
    pub j1ql: String,
    /// The columns of the answer, in order. Shipped questions name them, so that a test can hold them against the answer.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Why the sample organization of the tests has no row, where it has none.
    #[serde(default)]
    pub none: Option<String>,
}

/// How bad it is that a question has rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Untidy.
    Low,
    /// To be planned.
    Medium,
    /// To be mended soon.
    High,
    /// To be mended now.
    Critical,
}

impl Severity {
    /// As it is written in the library.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: Vec<Question>,
}

static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
    let questions = |(name, text): &(&str, &str)| match toml::from_str::<File>(text) {
        Ok(file) => file.question,
        Err(error) => panic!("{name} is shipped with a mistake that its test would have found: {error}"),
    };
    FILES.iter().flat_map(questions).collect()
});

/// Every question, by theme.
pub fn all() -> &'static [Question] {
    &QUESTIONS
}

/// The question of that name.
pub fn find(id: &str) -> Option<&'static Question> {
    all().iter().find(|it| it.id == id)
}

/// Words in lower case with `-` between them.
fn is_kebab(text: &str) -> bool {
    let is_word =
        |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    text.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_shipped() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
        let name = |it: std::io::Result<std::fs::DirEntry>| it.unwrap().file_name().into_string().unwrap();
        let found: BTreeSet<String> = std::fs::read_dir(folder).unwrap().map(name).collect();

        let shipped: BTreeSet<String> = FILES.iter().map(|it| it.0.to_owned()).collect();
        assert_eq!(found, shipped);
    }

    #[test]
    fn no_two_questions_have_the_same_name() {
        let mut seen = BTreeSet::new();
        for question in all() {
            assert!(seen.insert(&question.id), "{} is there twice", question.id);
            assert_eq!(find(&question.id), Some(question));
        }
        assert!(seen.len() >= 150, "only {} questions", seen.len());
        assert_eq!(find("no-such-question"), None);
    }

    #[test]
    fn every_question_says_what_it_is() {
        for question in all() {
            let id = &question.id;
            assert!(is_kebab(id), "{id}");
            assert!(question.title.ends_with('?') && question.title.len() < 100, "{id}: {}", question.title);
            assert!(question.description.ends_with('.'), "{id}: {}", question.description);
            assert!(!question.tags.is_empty() && question.tags.iter().all(|it| is_kebab(it)), "{id}");
            assert!(!question.columns.is_empty(), "{id}");
            let columns: BTreeSet<&String> = question.columns.iter().collect();
            assert_eq!(columns.len(), question.columns.len(), "{id} has a column twice");
            let is_reason = |it: &String| it.len() > 10 && !it.ends_with('.');
            assert!(question.none.as_ref().is_none_or(is_reason), "{id}: {:?}", question.none);
        }
    }

    #[test]
    fn every_question_parses() {
        let wrong: Vec<String> = all()
            .iter()
            .filter_map(|it| Some(format!("{}: {}", it.id, crate::j1ql::parse(&it.j1ql).err()?)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_theme_has_questions() {
        let count = |tag: &str| all().iter().filter(|it| it.tags.iter().any(|it| it == tag)).count();
        for theme in [
            "inventory",
            "network",
            "data",
            "encryption",
            "iam",
            "cross-account",
            "expiry",
            "unused",
            "logging",
            "ownership",
            "regions",
            "changes",
            "findings",
        ] {
            assert!(count(theme) >= 5, "{theme}: {}", count(theme));
        }
    }

    #[test]
    fn few_questions_have_no_row_on_the_sample() {
        let without = all().iter().filter(|it| it.none.is_some()).count();
        assert!(without * 5 < all().len(), "{without} of {}", all().len());
    }

    #[test]
    fn severities_are_in_order() {
        assert!(Severity::Low < Severity::Medium && Severity::High < Severity::Critical);
        let spelled = |it: Severity| {
            toml::from_str::<Question>(&format!(
                "id = 'a'\ntitle = 'b'\ndescription = 'c'\ntags = []\nj1ql = ''\ncolumns = []\nseverity = '{}'",
                it.as_str()
            ))
        };
        for severity in [Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
            assert_eq!(spelled(severity).unwrap().severity, Some(severity));
        }
    }
}
