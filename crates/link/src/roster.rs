//! People and foreign domains, from files that the operator keeps.
//!
//! A file is CSV with a line of column names, or TOML with one `[[person]]` or `[[domain]]` for each. Where a field holds
//! several values, CSV separates them by `;`. A row that cannot be used is reported with its line and the others are
//! kept; as long as there is such a row, nobody who is missing is taken to be gone.

mod domain;
mod person;
mod table;

use orgraph_model::declare::{Declared, Entity, entity};
use orgraph_model::{
    AccountId, Entity as Row, Gap, GapKind, Key, Outcome, Partition, Properties, Region, Snapshot, Source,
    Status,
};
use serde_json::Value;

pub use domain::Domain;
pub use person::Person;
pub use table::{Format, Problem};

/// What a roster lists.
pub struct Roster {
    /// The name of its partition.
    pub name: &'static str,
    /// What it gives, in one sentence.
    pub about: &'static str,
    /// The type it gives.
    pub entities: &'static [Declared],
    /// The rows of a file, and what is wrong with others.
    read: fn(&str, Format) -> Read,
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What is in a file: rows, and what is wrong with others.
type Read = (Vec<Listed>, Vec<Problem>);

/// The people of the organization.
pub static PEOPLE: Roster = Roster {
    name: "roster:people",
    about: "People, from the file that `people.file` names.",
    entities: &[entity::<Person>()],
    read: |text, format| listed(table::read(text, format, &person::TABLE), Person::key, Person::title),
};

/// Domains that are registered elsewhere than on Route 53.
pub static DOMAINS: Roster = Roster {
    name: "roster:domains",
    about: "Domains registered outside Route 53, from the file that `domains.file` names.",
    entities: &[entity::<Domain>()],
    read: |text, format| listed(table::read(text, format, &domain::TABLE), Domain::key, Domain::title),
};

/// Every roster.
pub static ROSTERS: &[&Roster] = &[&PEOPLE, &DOMAINS];

/// One row, ready to be stored.
struct Listed {
    key: Key,
    title: String,
    declared: Declared,
    properties: Properties,
}

fn listed<E: Entity>(
    (rows, mut problems): (Vec<(usize, E)>, Vec<Problem>),
    key: fn(&E) -> String,
    title: fn(&E) -> String,
) -> (Vec<Listed>, Vec<Problem>) {
    let mut seen = std::collections::BTreeSet::new();
    let mut kept = Vec::with_capacity(rows.len());
    for (line, row) in rows {
        let (key, title) = (key(&row), title(&row));
        if !seen.insert(key.clone()) {
            problems.push(Problem { line, message: format!("{title} is there twice; the first one counts") });
            continue;
        }
        let Ok(Value::Object(properties)) = serde_json::to_value(&row) else { continue };
        kept.push(Listed { key: Key::from(key), title, declared: entity::<E>(), properties });
    }
    problems.sort_by_key(|it| it.line);
    (kept, problems)
}

impl Roster {
    /// What the file says, to be reconciled like the rows of any collector, and what is wrong with it. The rows belong
    /// to `account`, as everything does; it is the account that speaks for the organization.
    pub fn snapshot(
        &self,
        account: &AccountId,
        started_at: chrono::DateTime<chrono::Utc>,
        text: &str,
        format: Format,
    ) -> (Snapshot, Vec<Problem>) {
        let (rows, problems) = (self.read)(text, format);
        let outcome = match problems.as_slice() {
            [] => Outcome::complete(),
            [first, ..] => {
                let reason = format!("{} rows cannot be used, for instance {first}", problems.len());
                Outcome::because(Status::Partial, reason)
            }
        };
        let mut snapshot = Snapshot::without_rows(self.partition(account), started_at, outcome);
        snapshot.entities = rows.into_iter().map(|it| it.row(account)).collect();
        snapshot.gaps = problems
            .iter()
            .map(|it| Gap {
                kind: GapKind::Listing,
                key: None,
                operation: self.name.to_owned(),
                properties: Vec::new(),
                status: Status::Partial,
                reason: it.to_string(),
            })
            .collect();
        (snapshot, problems)
    }

    /// The partition its rows are written to.
    pub fn partition(&self, account: &AccountId) -> Partition {
        Partition { account: account.clone(), region: Region::global(), collector: self.name.to_owned() }
    }
}

impl Listed {
    fn row(self, account: &AccountId) -> Row {
        Row {
            key: self.key,
            entity_type: self.declared.entity_type,
            source: Source::Integration,
            account: account.clone(),
            region: Region::global(),
            name: Some(self.title.clone()),
            display_name: Some(self.title),
            properties: self.properties,
            tags: Properties::new(),
            volatile: self.declared.volatile,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(roster: &Roster, text: &str, format: Format) -> (Vec<String>, Vec<String>, bool) {
        let account = "111111111111".parse().unwrap();
        let (snapshot, problems) = roster.snapshot(&account, chrono::DateTime::UNIX_EPOCH, text, format);
        let rows = snapshot.entities.iter().map(|it| {
            format!(
                "{} {:?} {}",
                it.key,
                it.name.as_deref().unwrap_or_default(),
                Value::from(it.properties.clone())
            )
        });
        (rows.collect(), problems.iter().map(ToString::to_string).collect(), snapshot.may_remove())
    }

    const ANN: &str = r#"person:ann@example.com "Ann Lee" {"active":true,"email":["Ann@example.com","al@example.com"],"emailDomain":["example.com"],"employeeId":"7","employeeType":null,"firstName":"Ann","lastName":"Lee","userIds":["alee"]}"#;

    #[test]
    fn people_come_from_csv() {
        let text = "email,first_name,last_name,user_ids,employee_id,active\n\
                    Ann@example.com;al@example.com,Ann,Lee,alee,7,true\n";

        assert_eq!(read(&PEOPLE, text, Format::Csv), (vec![ANN.to_owned()], vec![], true));
    }

    #[test]
    fn people_come_from_toml() {
        let text = "[[person]]\nemail = [\"Ann@example.com\", \"al@example.com\"]\nfirst_name = \"Ann\"\n\
                    last_name = \"Lee\"\nuser_ids = [\"alee\"]\nemployee_id = \"7\"\nactive = true\n";

        assert_eq!(read(&PEOPLE, text, Format::Toml), (vec![ANN.to_owned()], vec![], true));
    }

    #[test]
    fn a_bad_row_is_reported_with_its_line_and_the_others_are_kept() {
        let csv = "email,first_name,last_name\n\
                   ann@example.com,Ann,Lee\n\
                   nobody,No,Body\n\
                   ,Empty,Mail\n\
                   ANN@example.com,Ann,Again\n\
                   bob@example.com,Bob\n\
                   cy@example.com,Cy,Oh\n";
        let (rows, problems, may_remove) = read(&PEOPLE, csv, Format::Csv);

        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(!may_remove, "somebody who cannot be read is not gone");
        assert_eq!(
            problems,
            [
                "line 3: `nobody` is not an e-mail address; write it as name@example.com",
                "line 4: `email` is missing",
                "line 5: Ann Again is there twice; the first one counts",
                "line 6: 2 fields where the first line names 3",
            ]
        );

        let toml = "[[person]]\nemail = \"ann@example.com\"\nfirst_name = \"Ann\"\nlast_name = \"Lee\"\n\n\
                    [[person]]\nemail = 7\nfirst_name = \"B\"\nlast_name = \"C\"\n";
        let (rows, problems, _) = read(&PEOPLE, toml, Format::Toml);
        assert_eq!(rows.len(), 1);
        assert_eq!(problems, ["line 6: `email` is a number; write a text or a list of texts"]);
    }

    #[test]
    fn what_is_no_table_at_all_is_one_problem_and_removes_nobody() {
        for (text, format) in [
            ("[[person]\n", Format::Toml),
            ("\"open\n", Format::Csv),
            ("", Format::Csv),
            ("name = 1\n", Format::Toml),
        ] {
            let (rows, problems, may_remove) = read(&PEOPLE, text, format);
            assert_eq!((rows.len(), problems.len(), may_remove), (0, 1, false), "{text}: {problems:?}");
        }
    }

    #[test]
    fn an_unknown_column_is_said_with_what_there_is() {
        let (rows, problems, _) =
            read(&PEOPLE, "emial,email,first_name,last_name\na,a@example.com,A,B\n", Format::Csv);

        assert_eq!(rows.len(), 1);
        assert!(
            problems[0].starts_with("line 1: there is no column `emial`; there are `active`,"),
            "{problems:?}"
        );
    }

    #[test]
    fn domains_have_a_registrar_and_a_day_they_expire() {
        let text = "name,registrar,contact_emails,expires_on\nExample.ORG.,Somebody,a@example.org;b@example.org,2030-01-31\n";
        let (rows, problems, _) = read(&DOMAINS, text, Format::Csv);

        assert_eq!(problems, [""; 0]);
        assert_eq!(
            rows,
            [
                r#"domain:example.org "example.org" {"active":null,"contactEmails":["a@example.org","b@example.org"],"domainName":"example.org","expiresOn":1896048000000,"registrar":"Somebody"}"#
            ]
        );
        let (_, problems, _) = read(&DOMAINS, "name,expires_on\nexample.org,soon\nno dots,\n", Format::Csv);
        assert_eq!(
            problems,
            [
                "line 2: `expires_on` is `soon`; write a day such as 2030-01-31",
                "line 3: `no dots` is not a domain name; write it as example.org",
            ]
        );
    }
}
