//! How far the Deny statements of a document reach into what it allows.

use super::action::{ActionPattern, Actions};
use super::document::{Effect, Named, Statement};
use super::resource::{Arn, ArnPattern, ResourcePattern, Scope};
use super::subresource::{Reading, readings};

/// How much of something a statement reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Nothing of it.
    Nothing,
    /// A part; or it cannot be told how much.
    Part,
    /// All of it.
    All,
}

impl Reach {
    /// How much everything else reaches.
    fn of_all_but(self) -> Self {
        match self {
            Self::Nothing => Self::All,
            Self::Part => Self::Part,
            Self::All => Self::Nothing,
        }
    }

    /// How much of several things together, given how much of each.
    fn of_several(each: impl Iterator<Item = Self>) -> Self {
        let (mut least, mut most) = (Self::All, Self::Nothing);
        for reach in each {
            least = least.min(reach);
            most = most.max(reach);
        }
        match (least, most) {
            (_, Self::Nothing) => Self::Nothing,
            (Self::All, _) => Self::All,
            _ => Self::Part,
        }
    }
}

/// What of a target is allowed.
#[derive(Debug, Clone)]
pub(super) enum Extent<'a, 'p> {
    /// Everything there is, or everything of a service.
    Whole(Option<&'p str>),
    /// An entity, as its ARN says; or what follows its ARN.
    Entity(Arn<'a>, &'p Reading),
    /// What fits the pattern.
    Pattern(&'p ArnPattern),
}

/// A Deny statement.
pub(super) struct Denial<'p> {
    pub(super) statement: &'p Statement,
    /// Its resources, each with every way to read it as entities.
    resources: Vec<(&'p ResourcePattern, Vec<ArnPattern>)>,
}

impl<'p> Denial<'p> {
    /// The Deny statements of a document.
    pub(super) fn all(statements: &'p [Statement]) -> Vec<Self> {
        let denials = statements.iter().filter(|it| it.effect == Effect::Deny);
        denials.map(Self::new).collect()
    }

    fn new(statement: &'p Statement) -> Self {
        let read = |pattern: &'p ResourcePattern| {
            let entities = match &pattern.scope {
                Scope::Arns(arns) => readings(arns)
                    .into_iter()
                    .filter(|it| it.inside.is_none())
                    .map(|it| it.entities)
                    .collect(),
                Scope::Everything | Scope::Nothing => Vec::new(),
            };
            (pattern, entities)
        };
        Self { statement, resources: statement.resources.listed().iter().map(read).collect() }
    }

    /// How far it reaches into these actions, and by which of its own. Those in `without` are not allowed anyway.
    pub(super) fn of_actions(&self, actions: &[Actions], without: &[ActionPattern]) -> (Reach, Vec<&'p str>) {
        let counts = |it: &&ActionPattern| !without.iter().any(|without| without.covers(&it.all()));
        let listed: Vec<&'p ActionPattern> = match &self.statement.actions {
            Named::These(these) => these.iter().filter(counts).collect(),
            Named::AllBut(but) => but.iter().collect(),
        };
        let reach = |actions: &Actions| {
            if listed.iter().any(|it| it.covers(actions)) {
                Reach::All
            } else if listed.iter().any(|it| it.overlaps(actions)) {
                Reach::Part
            } else {
                Reach::Nothing
            }
        };
        if self.statement.actions.is_all_but() {
            return (Reach::of_several(actions.iter().map(|it| reach(it).of_all_but())), Vec::new());
        }
        let reached = listed.iter().filter(|it| actions.iter().any(|actions| it.overlaps(actions)));
        (Reach::of_several(actions.iter().map(reach)), reached.map(|it| it.written.as_str()).collect())
    }

    /// How far it reaches into what of a target is allowed.
    pub(super) fn of_resources(&self, extent: &Extent<'_, '_>) -> Reach {
        // What of the target is meant is only put together if something is compared with it.
        let mut inside = None;
        let each = self.resources.iter().map(|(pattern, entities)| match &pattern.scope {
            Scope::Everything => Reach::All,
            Scope::Nothing => Reach::Nothing,
            Scope::Arns(arns) => match extent {
                Extent::Whole(None) => Reach::Part,
                Extent::Whole(Some(service)) => of_service(arns, service),
                Extent::Entity(arn, reading) if reading.inside.is_none() => {
                    if entities.iter().any(|it| it.fits(arn)) { Reach::All } else { Reach::Nothing }
                }
                Extent::Entity(arn, reading) => {
                    let inside = inside.get_or_insert_with(|| reading.of(arn));
                    of_pattern(entities, inside)
                }
                Extent::Pattern(pattern) => of_pattern(entities, pattern),
            },
        });
        let reach = each.max().unwrap_or(Reach::Nothing);
        if self.statement.resources.is_all_but() { reach.of_all_but() } else { reach }
    }
}

fn of_pattern(denied: &[ArnPattern], allowed: &ArnPattern) -> Reach {
    if denied.iter().any(|it| it.covers(allowed)) {
        Reach::All
    } else if denied.iter().any(|it| it.overlaps(allowed)) {
        Reach::Part
    } else {
        Reach::Nothing
    }
}

fn of_service(denied: &ArnPattern, service: &str) -> Reach {
    if denied.service == service && denied.covers_service() {
        return Reach::All;
    }
    // What STS does is done to what belongs to IAM.
    let is_meant = denied.service == service || (service == "sts" && denied.service == "iam");
    if is_meant { Reach::Part } else { Reach::Nothing }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::document::statements;
    use super::*;

    fn denial(statement: Value) -> Vec<Statement> {
        let mut statement = statement;
        statement["Effect"] = json!("Deny");
        statements(&json!({"Statement": statement}))
    }

    #[test]
    fn a_denial_reaches_into_actions() {
        let check = |statement: Value, allowed: &str, expected: Reach, by: &[&str]| {
            let mut statement = statement;
            statement["Resource"] = json!("*");
            let statements = denial(statement);
            let allowed = ActionPattern::read(allowed).unwrap().all();
            let reached = Denial::all(&statements)[0].of_actions(&[allowed], &[]);
            assert_eq!(reached, (expected, by.to_vec()), "{statements:?}");
        };

        check(json!({"Action": "s3:*"}), "s3:GetObject", Reach::All, &["s3:*"]);
        check(json!({"Action": ["s3:Put*", "s3:Delete*"]}), "s3:DeleteBucket", Reach::All, &["s3:Delete*"]);
        check(json!({"Action": ["s3:Put*", "sqs:*"]}), "s3:*", Reach::Part, &["s3:Put*"]);
        check(json!({"Action": "sqs:*"}), "s3:*", Reach::Nothing, &[]);
        check(json!({"NotAction": "s3:Get*"}), "s3:GetObject", Reach::Nothing, &[]);
        check(json!({"NotAction": "s3:Get*"}), "s3:PutObject", Reach::All, &[]);
        check(json!({"NotAction": "s3:Get*"}), "s3:*", Reach::Part, &[]);
    }

    #[test]
    fn a_denial_reaches_into_resources() {
        let check = |statement: Value, extent: &Extent<'_, '_>, expected: Reach| {
            let mut statement = statement;
            statement["Action"] = json!("*");
            let statements = denial(statement);
            assert_eq!(
                Denial::all(&statements)[0].of_resources(extent),
                expected,
                "{statements:?} {extent:?}"
            );
        };
        let Scope::Arns(objects) = ResourcePattern::read("arn:aws:s3:::b/*").scope else { panic!() };
        let readings = readings(&objects);
        let bucket = Arn::read("arn:aws:s3:::b").unwrap();
        let itself = Reading { entities: ArnPattern::exactly(&bucket), inside: None };
        let entity = Extent::Entity(bucket, &itself);
        let inside = Extent::Entity(bucket, &readings[1]);
        let whole = Extent::Whole(Some("s3"));

        check(json!({"Resource": "*"}), &Extent::Whole(None), Reach::All);
        check(json!({"Resource": "arn:aws:s3:::b"}), &Extent::Whole(None), Reach::Part);
        check(json!({"Resource": "arn:aws:s3:::b"}), &whole, Reach::Part);
        check(json!({"Resource": "arn:aws:s3:*:*:*"}), &whole, Reach::All);
        check(json!({"Resource": "arn:aws:sqs:*:*:*"}), &whole, Reach::Nothing);
        check(json!({"Resource": "arn:aws:iam::1:role/x"}), &Extent::Whole(Some("sts")), Reach::Part);
        check(json!({"Resource": "arn:aws:s3:::b"}), &entity, Reach::All);
        check(json!({"Resource": "arn:aws:s3:::b/*"}), &entity, Reach::Nothing);
        check(json!({"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b*"]}), &inside, Reach::All);
        check(json!({"Resource": "arn:aws:s3:::b/secret/*"}), &inside, Reach::Part);
        check(json!({"Resource": "arn:aws:s3:::b"}), &inside, Reach::Nothing);
        check(json!({"Resource": "not an ARN"}), &inside, Reach::Nothing);
        check(json!({"Resource": "arn:aws:s3:::*"}), &Extent::Pattern(&objects), Reach::All);
        check(json!({"NotResource": "arn:aws:s3:::b"}), &entity, Reach::Nothing);
        check(json!({"NotResource": "arn:aws:s3:::other"}), &entity, Reach::All);
        check(json!({"NotResource": "arn:aws:s3:::b/public/*"}), &inside, Reach::Part);
    }

    #[test]
    fn several_things_are_reached_together() {
        let several = |each: &[Reach]| Reach::of_several(each.iter().copied());

        assert_eq!(several(&[Reach::All, Reach::All]), Reach::All);
        assert_eq!(several(&[Reach::All, Reach::Nothing]), Reach::Part);
        assert_eq!(several(&[Reach::Nothing, Reach::Nothing]), Reach::Nothing);
        assert_eq!(several(&[]), Reach::Nothing);
    }
}
