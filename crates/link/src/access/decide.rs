//! The decision: all layers together, as the IAM user guide puts them together.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::Context;
use super::layer::{Deciding, LayerKind, Said};
use super::need::Need;
use super::outcome::{Grounds, Part, Relation};
use super::principal::Closeness;
use super::request::{
    Action, Kind, Membership, Requester, Resource, Target, context_of, context_of_resource,
};
use super::statement::Asked;
use super::{Known, Policy, Tri};
use crate::policy::resource::Arn;

/// The policies of one level of the organization: the root, a unit or an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// What the level is called.
    pub place: String,
    /// The policies that are attached to it.
    pub policies: Vec<Arc<Policy>>,
}

/// What the organization puts on an account: the levels from the root down to the account.
#[derive(Debug, Clone, PartialEq)]
pub enum Guardrails {
    /// It puts none on anybody: there is no organization, or the type of policy is not enabled.
    Off(&'static str),
    /// Those of each level.
    Levels(Vec<Level>),
}

/// What the account of who asks says about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Identity {
    /// Policies of its own and of its groups.
    pub policies: Vec<Arc<Policy>>,
    /// Its permissions boundary.
    pub boundary: Option<Arc<Policy>>,
}

/// Everything a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub requester: &'a Requester,
    /// What its account says about it.
    pub identity: &'a Known<Identity>,
    /// The policy of its session.
    pub session: Option<&'a Arc<Policy>>,
    /// Where its account stands.
    pub membership: &'a Known<Membership>,
    /// Service control policies over its account.
    pub scps: &'a Known<Guardrails>,
    /// What it asks for.
    pub action: &'a Action,
    /// What it asks it of.
    pub resource: &'a Resource,
    /// Where the account of the resource stands.
    pub resource_membership: &'a Known<Membership>,
    /// Resource control policies over the account of the resource.
    pub rcps: &'a Known<Guardrails>,
    /// What else is known of the request.
    pub context: &'a Context,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// It is allowed.
    Allowed,
    /// It can go either way.
    Unknown,
    /// It is denied.
    Denied,
}

impl Answer {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

/// What a layer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A statement of it denies.
    Denies,
    /// It allows, as far as it is asked.
    Allows,
    /// No statement of it allows.
    Silent,
    /// It can go either way.
    Unknown,
    /// It is not asked.
    Skipped,
}

impl Effect {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denies => "denies",
            Self::Allows => "allows",
            Self::Silent => "allows nothing",
            Self::Unknown => "unknown",
            Self::Skipped => "not asked",
        }
    }
}

/// One layer of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// What kind of layer.
    pub kind: LayerKind,
    /// The level of the organization, where there are several.
    pub place: Option<String>,
    /// What it did.
    pub effect: Effect,
    /// The statements behind that.
    pub deciding: Vec<Deciding>,
    /// Why it is not asked, or counts in a special way.
    pub note: Option<String>,
}

/// A decision with everything it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The answer.
    pub answer: Answer,
    /// Layer by layer, in the order in which AWS names them.
    pub layers: Vec<Layer>,
    /// What would have to be known, where the answer is unknown.
    pub needs: Vec<Need>,
    /// Why, where no statement says it.
    pub note: Option<String>,
}

/// The services whose resources resource control policies protect (AWS Organizations user guide, "Resource control
/// policies", list of services that support them).
const UNDER_RCPS: [&str; 11] = [
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// What is not evaluated, and may allow or deny on top of an answer.
pub const NOT_EVALUATED: [&str; 5] = [
    "access control lists and access points of S3",
    "grants of KMS keys",
    "policies of VPC endpoints",
    "resources shared through Resource Access Manager, Lake Formation and the like",
    "permissions that a service checks besides, such as iam:PassRole or those on the key of an encrypted object",
];

/// Decides.
pub fn decide(question: &Question<'_>) -> Decision {
    let Question { requester, action, resource, .. } = *question;
    if action.service.as_deref() == Some("sts") && action.verb.as_deref() == Some("getcalleridentity") {
        let note = "everybody with credentials may ask who they are, whatever policies say";
        return Decision::at_once(Answer::Allowed, note);
    }
    if requester.kind == Kind::Root && action.assumes_a_role() {
        return Decision::at_once(Answer::Denied, "the root user of an account cannot assume roles");
    }
    let mut context = question.context.clone();
    context.fill(context_of(requester, question.membership.known()));
    context.fill(context_of_resource(resource, action, question.resource_membership.known()));
    let arn = match &resource.target {
        Target::One(arn) => Arn::read(arn),
        _ => None,
    };
    let asked = Asked { requester, action, target: &resource.target, arn, context: &context };

    let mut layers = Layers { question, asked, grounds: Grounds::default(), layers: Vec::new() };
    layers.scps();
    layers.rcps();
    layers.identity();
    layers.resource();
    layers.decide()
}

impl Decision {
    fn at_once(answer: Answer, note: &str) -> Self {
        Self { answer, layers: Vec::new(), needs: Vec::new(), note: Some(note.to_owned()) }
    }
}

/// The layers of a decision in the making.
struct Layers<'a> {
    question: &'a Question<'a>,
    asked: Asked<'a>,
    grounds: Grounds,
    layers: Vec<Layer>,
}

impl Layers<'_> {
    fn scps(&mut self) {
        let question = self.question;
        let requester = question.requester;
        let membership = question.membership.known();
        let skipped = match requester.kind {
            Kind::Service | Kind::Anybody => Some("they limit the users and roles of an account"),
            _ if requester.is_service_linked() => Some("they leave roles alone that services made"),
            _ if membership.is_some_and(|it| it.is_management) => {
                Some("they leave the management account alone")
            }
            _ => None,
        };
        self.guardrails(LayerKind::Scp, skipped, question.scps);
    }

    fn rcps(&mut self) {
        let question = self.question;
        let (resource, action) = (question.resource, question.action);
        let membership = question.resource_membership.known();
        let is_supported = action.service.as_deref().is_none_or(|it| UNDER_RCPS.contains(&it));
        let skipped = if question.requester.is_service_linked() {
            Some("they leave roles alone that services made")
        } else if !is_supported {
            Some("they do not protect what belongs to this service")
        } else if resource.is_of_aws {
            Some("they leave alone what AWS manages")
        } else if membership.is_some_and(|it| it.is_management) {
            Some("they leave the management account alone")
        } else {
            None
        };
        self.guardrails(LayerKind::Rcp, skipped, question.rcps);
    }

    fn guardrails(&mut self, kind: LayerKind, skipped: Option<&str>, known: &Known<Guardrails>) {
        if let Some(why) = skipped {
            return self.skip(kind, None, why);
        }
        let levels = match known {
            Known::Known(Guardrails::Off(why)) => return self.skip(kind, None, why),
            Known::Known(Guardrails::Levels(levels)) => levels,
            Known::Unknown(why) => {
                let said = Said::unknown(Need::Fact(why.clone()));
                return self.layer(kind, None, &said, Part::Guard);
            }
        };
        for level in levels {
            let mut said = Said::of(&level.policies, &self.asked);
            if kind == LayerKind::Rcp {
                // A policy of AWS that allows everything is attached everywhere and cannot be detached.
                said.allow = Said::everything().allow;
            }
            self.layer(kind, Some(level.place.clone()), &said, Part::Guard);
        }
    }

    fn identity(&mut self) {
        let question = self.question;
        match question.requester.kind {
            Kind::Service | Kind::Anybody => {
                return self.skip(LayerKind::Identity, None, "who asks has no policies of its own");
            }
            Kind::Root => {
                self.layer(LayerKind::Identity, None, &Said::everything(), Part::Identity);
                if let Some(layer) = self.layers.last_mut() {
                    layer.note = Some("the root user may do everything its account may".to_owned());
                }
                return;
            }
            Kind::User | Kind::Role { .. } => {}
        }
        match question.identity {
            Known::Known(identity) => {
                let said = Said::of(&identity.policies, &self.asked);
                self.layer(LayerKind::Identity, None, &said, Part::Identity);
                match &identity.boundary {
                    Some(boundary) => {
                        let said = Said::of([boundary], &self.asked);
                        self.layer(LayerKind::Boundary, None, &said, Part::Boundary);
                    }
                    None => self.skip(LayerKind::Boundary, None, "there is none"),
                }
            }
            Known::Unknown(why) => {
                let said = Said::unknown(Need::Fact(why.clone()));
                self.layer(LayerKind::Identity, None, &said, Part::Identity);
                self.layer(LayerKind::Boundary, None, &said, Part::Boundary);
            }
        }
        match question.session {
            Some(session) => {
                let said = Said::of([session], &self.asked);
                self.layer(LayerKind::Session, None, &said, Part::Session);
            }
            None => self.skip(LayerKind::Session, None, "none was given"),
        }
    }

    fn resource(&mut self) {
        let question = self.question;
        let (resource, action) = (question.resource, question.action);
        let service = resource.target.service();
        let is_one = matches!(resource.target, Target::One(_));
        let is_role = service == Some("iam");
        if is_role && action.service.as_deref().is_some_and(|it| it != "sts") {
            return self.skip(LayerKind::Resource, None, "a trust policy only says who may assume the role");
        }
        self.grounds.needs_resource_policy = match (&resource.target, action.service.as_deref()) {
            (Target::Nothing, _) => false,
            (_, Some("kms")) => !is_one || resource.target.text().contains(":key/"),
            (_, Some("sts")) => is_role || (!is_one && action.assumes_a_role()),
            _ => false,
        };
        match (&resource.target, &resource.policy) {
            (Target::Nothing, _) => self.skip(LayerKind::Resource, None, "no resource is asked for"),
            (Target::Many(_) | Target::Everything, _) if !self.grounds.needs_resource_policy => {
                let why = "more than one resource is asked for, and each may have a policy of its own";
                self.skip(LayerKind::Resource, None, why);
            }
            (_, Known::Unknown(why)) => {
                let said = Said::unknown(Need::Fact(why.clone()));
                self.layer(LayerKind::Resource, None, &said, Part::Resource(Closeness::Direct));
            }
            (_, Known::Known(None)) => self.skip(LayerKind::Resource, None, "there is none"),
            (_, Known::Known(Some(policy))) => {
                let mut said = Said::of([policy], &self.asked);
                self.close(&mut said);
                self.layer(LayerKind::Resource, None, &said, Part::Resource(Closeness::Direct));
            }
        }
    }

    /// Takes from outsiders what a public access block takes from them.
    fn close(&self, said: &mut Said) {
        let (requester, resource) = (self.question.requester, self.question.resource);
        let is_outsider = match requester.kind {
            Kind::Service => false,
            Kind::Anybody => true,
            _ => resource.account.is_some() && requester.account != resource.account,
        };
        let is_closed = match resource.is_closed_to_outsiders {
            _ if !is_outsider => Tri::No,
            Some(is_closed) => is_closed.into(),
            None => Tri::Unknown,
        };
        if is_closed == Tri::Unknown {
            said.allow_needs.insert(Need::Fact(format!(
                "whether {} is closed to outsiders by a public access block",
                resource.target.text()
            )));
        }
        said.allow.iter_mut().for_each(|it| *it = it.and(is_closed.not()));
    }

    fn skip(&mut self, kind: LayerKind, place: Option<String>, why: &str) {
        let note = Some(why.to_owned());
        self.layers.push(Layer { kind, place, effect: Effect::Skipped, deciding: Vec::new(), note });
    }

    fn layer(&mut self, kind: LayerKind, place: Option<String>, said: &Said, part: Part) {
        self.grounds.add(Part::Deny, said.deny, &said.deny_needs);
        match part {
            Part::Resource(_) => {
                for closeness in Closeness::ALL {
                    let part = Part::Resource(closeness);
                    self.grounds.add(part, said.allow[closeness as usize], &said.allow_needs);
                }
            }
            part => self.grounds.add(part, said.allows(), &said.allow_needs),
        }
        let effect = match (said.deny, said.allows()) {
            (Tri::Yes, _) => Effect::Denies,
            (Tri::Unknown, _) | (Tri::No, Tri::Unknown) => Effect::Unknown,
            (Tri::No, Tri::Yes) => Effect::Allows,
            (Tri::No, Tri::No) => Effect::Silent,
        };
        // Of statements that apply, those that decide: a denial, or else what allows.
        let counts = |it: &&Deciding| match effect {
            Effect::Denies => !it.is_allow && it.applies,
            Effect::Allows => it.is_allow && it.applies,
            Effect::Unknown => true,
            Effect::Silent | Effect::Skipped => false,
        };
        let deciding = said.deciding.iter().filter(counts).cloned().collect();
        self.layers.push(Layer { kind, place, effect, deciding, note: None });
    }

    fn decide(mut self) -> Decision {
        let (requester, resource) = (self.question.requester, self.question.resource);
        let relations: &[Relation] = match (&requester.account, &resource.account, &resource.target) {
            (None, ..) => &[Relation::Outside],
            (Some(_), _, Target::Nothing) => &[Relation::Same],
            (Some(own), Some(other), _) if own == other => &[Relation::Same],
            (Some(_), Some(_), _) => &[Relation::Cross],
            // Whose it is, is not known: only what holds both ways is certain.
            (Some(_), None, _) => &[Relation::Same, Relation::Cross],
        };
        let outcomes: BTreeSet<Answer> =
            relations.iter().map(|it| answer(self.grounds.outcome(*it))).collect();
        let answer = if outcomes.len() == 1 {
            outcomes.first().copied().unwrap_or(Answer::Unknown)
        } else {
            Answer::Unknown
        };
        let mut needs = BTreeSet::new();
        if answer == Answer::Unknown {
            for relation in relations {
                needs.extend(self.grounds.needs(*relation));
            }
            if relations.len() > 1 {
                needs.insert(Need::Fact(format!("the account that owns {}", resource.target.text())));
            }
        }
        let note = match relations {
            [Relation::Cross] => Some("across accounts both sides have to allow".to_owned()),
            [Relation::Same] if self.grounds.needs_resource_policy => {
                Some("policies of the account count only as far as that of the resource says so".to_owned())
            }
            _ => None,
        };
        Decision {
            answer,
            layers: std::mem::take(&mut self.layers),
            needs: needs.into_iter().collect(),
            note,
        }
    }
}

fn answer(outcome: Tri) -> Answer {
    match outcome {
        Tri::Yes => Answer::Allowed,
        Tri::Unknown => Answer::Unknown,
        Tri::No => Answer::Denied,
    }
}
