//! What a statement names as its actions, and what kinds of thing those do.

use std::sync::LazyLock;

use super::glob::Glob;

/// One entry of `Action` or `NotAction`: a service and a verb, in any case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ActionPattern {
    /// As the document has it.
    pub(crate) written: String,
    service: Glob,
    verb: Glob,
}

impl ActionPattern {
    /// Reads `*` and `service:Verb`; anything else is no action.
    pub(crate) fn read(written: &str) -> Option<Self> {
        let normal = written.trim().to_lowercase();
        let (service, verb) = match normal.split_once(':') {
            Some(both) => both,
            None if !normal.is_empty() && normal.bytes().all(|it| it == b'*') => ("*", "*"),
            None => return None,
        };
        Some(Self { written: written.to_owned(), service: Glob::read(service), verb: Glob::read(verb) })
    }

    /// What is not named and yet allowed, before anything is taken out of it.
    pub(super) fn any() -> &'static Self {
        static ANY: LazyLock<ActionPattern> = LazyLock::new(|| ActionPattern {
            written: "*".to_owned(),
            service: Glob::read("*"),
            verb: Glob::read("*"),
        });
        &ANY
    }

    /// Whether something that IAM does is among its actions.
    pub(super) fn is_of_iam(&self) -> bool {
        self.service.fits("iam")
    }

    /// Its service, if it names only one.
    pub(crate) fn service(&self) -> Option<&str> {
        self.service.as_literal()
    }

    /// Its actions on what belongs to a service.
    pub(super) fn of_service(&self, service: &str) -> Vec<Actions> {
        let services = if service == "iam" { &["iam", "sts"][..] } else { &[service][..] };
        let services = services.iter().filter(|it| self.service.fits(it));
        services.map(|it| Actions { service: Glob::literal(it), verb: self.verb.clone() }).collect()
    }

    /// All its actions.
    pub(crate) fn all(&self) -> Actions {
        Actions { service: self.service.clone(), verb: self.verb.clone() }
    }

    /// Whether these are among its actions, all of them.
    pub(crate) fn covers(&self, actions: &Actions) -> bool {
        self.service.covers(&actions.service) && self.verb.covers(&actions.verb)
    }

    /// Whether some of these may be among its actions.
    pub(crate) fn overlaps(&self, actions: &Actions) -> bool {
        self.service.overlaps(&actions.service) && self.verb.overlaps(&actions.verb)
    }
}

/// A set of actions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Actions {
    service: Glob,
    verb: Glob,
}

impl Actions {
    /// Whether it is everything its service does, or everything.
    pub(super) fn is_all(&self) -> bool {
        self.verb.is_everything()
    }

    /// Whether everything that IAM does is among them.
    pub(super) fn has_all_of_iam(&self) -> bool {
        self.is_all() && self.service.fits("iam")
    }

    /// What kinds of thing some of them do.
    pub(super) fn kinds(&self) -> Kinds {
        let mut kinds = Kinds::default();
        for (kind, verb) in VERBS.iter() {
            if !kinds.has(*kind) && verb.overlaps(&self.verb) {
                kinds.add(*kind);
            }
        }
        kinds
    }
}

/// A kind of thing that an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    List,
    Create,
    Update,
    Delete,
    Tag,
    Invoke,
}

impl Kind {
    /// Every kind, with the name of its property.
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Read, "read"),
        (Self::List, "list"),
        (Self::Create, "create"),
        (Self::Update, "update"),
        (Self::Delete, "delete"),
        (Self::Tag, "tag"),
        (Self::Invoke, "invoke"),
    ];

    /// The verbs of this kind.
    fn verbs(self) -> &'static str {
        match self {
            Self::Read => {
                "Get* BatchGet* Describe* Head* Query Scan Select* Search* Lookup* Read* Receive* Decrypt Download* \
                 View* Simulate*"
            }
            Self::List => "List* Describe*",
            Self::Create => "Create* Run* Launch* Import* Register* Allocate* Copy*",
            Self::Update => {
                "Update* Modify* Put* Set* Change* Reset* Enable* Disable* Attach* Associate* Add* Start* Stop* \
                 Reboot*"
            }
            Self::Delete => "Delete* Remove* Terminate* Deregister* Release* Detach* Disassociate* Purge*",
            Self::Tag => "Tag* Untag* CreateTags DeleteTags",
            Self::Invoke => "Invoke* Publish* Send* Execute* AssumeRole*",
        }
    }
}

static VERBS: LazyLock<Vec<(Kind, Glob)>> = LazyLock::new(|| {
    let verbs = |kind: Kind| kind.verbs().split(' ').map(move |it| (kind, Glob::read(&it.to_lowercase())));
    Kind::ALL.into_iter().flat_map(|(kind, _)| verbs(kind)).collect()
});

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(super) fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    /// Whether something is changed by them.
    pub(super) fn writes(self) -> bool {
        [Kind::Create, Kind::Update, Kind::Delete, Kind::Invoke, Kind::Tag].into_iter().any(|it| self.has(it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(written: &str) -> String {
        let kinds = ActionPattern::read(written).unwrap().all().kinds();
        let named = Kind::ALL.into_iter().filter(|(kind, _)| kinds.has(*kind)).map(|(_, name)| name);
        let write = kinds.writes().then_some("write");
        named.chain(write).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_pattern_is_of_every_kind_that_one_of_its_verbs_is_of() {
        let check = |written: &str, expected: &str| assert_eq!(kinds(written), expected, "{written}");
        let all = "read list create update delete tag invoke write";

        check("*", all);
        check("s3:*", all);
        check("s3:*Object", all);
        check("s3:Get*", "read");
        check("s3:getobject", "read");
        check("S3:GETOBJECT", "read");
        check("ec2:DescribeInstances", "read list");
        check("s3:ListBucket", "list");
        check("s3:L*", "read list create write");
        check("s3:PutObject", "update write");
        check("ec2:RunInstances", "create write");
        check("ec2:CreateTags", "create tag write");
        check("ec2:TerminateInstances", "delete write");
        check("sqs:SendMessage", "invoke write");
        check("sts:AssumeRoleWithSAML", "invoke write");
        check("dynamodb:Query", "read");
        check("dynamodb:QueryMore", "");
        check("sqs:TagQueue", "tag write");
        check("iam:PassRole", "");
    }

    #[test]
    fn what_has_no_service_is_no_action() {
        assert_eq!(ActionPattern::read("GetObject"), None);
        assert_eq!(ActionPattern::read(""), None);
        assert_eq!(ActionPattern::read("**").unwrap().service(), None);
        assert_eq!(ActionPattern::read("S3:GetObject").unwrap().service(), Some("s3"));
    }

    #[test]
    fn actions_apply_to_what_belongs_to_their_service() {
        let check = |written: &str, service: &str, expected: usize| {
            let applied = ActionPattern::read(written).unwrap().of_service(service);
            assert_eq!(applied.len(), expected, "{written} {service}");
        };

        check("s3:GetObject", "s3", 1);
        check("s3:GetObject", "sqs", 0);
        check("*", "sqs", 1);
        check("sts:AssumeRole", "iam", 1);
        check("*", "iam", 2);
        check("iam:PassRole", "sts", 0);
    }

    #[test]
    fn actions_cover_and_overlap_whatever_their_case() {
        let check = |outer: &str, inner: &str, covers: bool, overlaps: bool| {
            let (outer, inner) = (ActionPattern::read(outer).unwrap(), ActionPattern::read(inner).unwrap());
            assert_eq!(outer.covers(&inner.all()), covers, "{outer:?} {inner:?}");
            assert_eq!(outer.overlaps(&inner.all()), overlaps, "{outer:?} {inner:?}");
        };

        check("*", "s3:*", true, true);
        check("*:*", "*", true, true);
        check("s3:*", "S3:GetObject", true, true);
        check("s3:get*", "s3:*", false, true);
        check("s3:*", "*", false, true);
        check("s3:*", "sqs:*", false, false);
        check("s3:Put*", "s3:Get*", false, false);
    }
}
