//! Answers as they are written for programs, and the same for the tables.

use orgraph_link::access::{Answer, Decision, Grant, Kind, NOT_EVALUATED, Need, Requester};
use orgraph_model::AccountId;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// What was asked.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub(crate) struct Asked {
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<String>,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// On what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
}

/// One decision with everything it rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AccessExplained")]
pub(crate) struct Explained {
    /// What was asked.
    #[serde(flatten)]
    pub(crate) asked: Asked,
    /// `allowed`, `denied` or `unknown`.
    #[serde(serialize_with = "as_str")]
    #[schemars(with = "String")]
    pub(crate) decision: Answer,
    /// Why, where no statement says it.
    pub(crate) note: Option<String>,
    /// Layer by layer, in the order in which AWS names them.
    pub(crate) layers: Vec<Layer>,
    /// What would have to be known, where the answer is unknown.
    pub(crate) needs: Vec<Needed>,
    /// What no answer considers.
    pub(crate) not_evaluated: [&'static str; NOT_EVALUATED.len()],
}

/// Several answers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AccessAnswers")]
pub(crate) struct Listed {
    /// What was asked.
    #[serde(flatten)]
    pub(crate) asked: Asked,
    /// Those that are not "denied".
    pub(crate) answers: Vec<Row>,
    /// How many are allowed.
    pub(crate) allowed: usize,
    /// How many are unknown.
    pub(crate) unknown: usize,
    /// How many are denied.
    pub(crate) denied: usize,
    /// What no answer considers.
    pub(crate) not_evaluated: [&'static str; NOT_EVALUATED.len()],
}

/// What one layer of policies says.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessLayer")]
pub(crate) struct Layer {
    /// Which layer: `identity`, `boundary`, `resource`, `scp` and so on.
    pub(crate) layer: &'static str,
    /// The same for people.
    #[serde(skip)]
    pub(crate) title: &'static str,
    /// The level of the organization, where there are several.
    pub(crate) place: Option<String>,
    /// What it did.
    pub(crate) effect: &'static str,
    /// Why it is not asked, or counts in a special way.
    pub(crate) note: Option<String>,
    /// The statements behind that.
    pub(crate) statements: Vec<Statement>,
}

/// A statement that decides in its layer.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AccessStatement")]
pub(crate) struct Statement {
    /// What its policy is called.
    pub(crate) policy: String,
    /// Its name, or its number from 1.
    pub(crate) statement: String,
    /// `allow` or `deny`.
    pub(crate) effect: &'static str,
    /// Whether it applies; otherwise it may.
    pub(crate) applies: bool,
}

/// What would have to be known.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(rename = "AccessNeed")]
pub(crate) struct Needed {
    /// `context` (a key of the request), `fact`, `choice` or `statement`.
    pub(crate) kind: &'static str,
    /// What it is.
    pub(crate) what: String,
    /// The same for people.
    #[serde(skip)]
    pub(crate) said: String,
}

/// One answer of several: about a principal, or about an action and a resource.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(rename = "AccessAnswer")]
pub(crate) struct Row {
    /// `allowed` or `unknown`.
    #[serde(serialize_with = "as_str")]
    #[schemars(with = "String")]
    pub(crate) decision: Answer,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<String>,
    /// What.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
    /// On what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    /// What would have to be known, where the answer is unknown.
    pub(crate) needs: Vec<Needed>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn as_str<S: Serializer>(answer: &Answer, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(answer.as_str())
}

impl From<Need> for Needed {
    fn from(need: Need) -> Self {
        Self { kind: need.kind(), what: need.text().to_owned(), said: need.to_string() }
    }
}

impl Explained {
    pub(super) fn new(asked: Asked, decision: Decision) -> Self {
        let layer = |it: orgraph_link::access::Layer| Layer {
            layer: it.kind.as_str(),
            title: it.kind.title(),
            place: it.place,
            effect: it.effect.as_str(),
            note: it.note,
            statements: it.deciding.into_iter().map(statement).collect(),
        };
        Self {
            asked,
            decision: decision.answer,
            note: decision.note,
            layers: decision.layers.into_iter().map(layer).collect(),
            needs: needed(decision.needs),
            not_evaluated: NOT_EVALUATED,
        }
    }
}

fn statement(it: orgraph_link::access::Deciding) -> Statement {
    let effect = if it.is_allow { "allow" } else { "deny" };
    Statement { policy: it.policy, statement: it.statement, effect, applies: it.applies }
}

fn needed(needs: Vec<Need>) -> Vec<Needed> {
    needs.into_iter().map(Needed::from).collect()
}

impl Listed {
    /// Rows in any order; `denied` of those that were asked about are not among them.
    pub(super) fn new(asked: Asked, mut answers: Vec<Row>, denied: usize) -> Self {
        answers.sort();
        let count = |answer| answers.iter().filter(|it| it.decision == answer).count();
        let (allowed, unknown) = (count(Answer::Allowed), count(Answer::Unknown));
        Self { asked, answers, allowed, unknown, denied, not_evaluated: NOT_EVALUATED }
    }
}

impl Row {
    pub(super) fn of_principal(requester: &Requester, decision: Decision) -> Self {
        let name = if requester.kind == Kind::Anybody { "*" } else { &requester.arn };
        Self::about_principal(decision.answer, name.to_owned(), decision.needs)
    }

    /// The principals of an account that the policy of the resource lets in and that is not read.
    pub(super) fn of_unread_account(account: &AccountId) -> Self {
        let need = format!("the policies of account {account}, whose principals are not read");
        let name = format!("principals of account {account}");
        Self::about_principal(Answer::Unknown, name, vec![Need::Fact(need)])
    }

    pub(super) fn of_grant(grant: Grant, decision: Decision) -> Self {
        Self {
            decision: decision.answer,
            principal: None,
            action: Some(grant.action),
            resource: Some(grant.resource),
            needs: needed(decision.needs),
        }
    }

    /// What the policies of a principal allow that are not read.
    pub(super) fn of_unread_identity(why: &str) -> Self {
        let any = || Some("*".to_owned());
        let needs = needed(vec![Need::Fact(why.to_owned())]);
        Self { decision: Answer::Unknown, principal: None, action: any(), resource: any(), needs }
    }

    fn about_principal(decision: Answer, principal: String, needs: Vec<Need>) -> Self {
        Self { decision, principal: Some(principal), action: None, resource: None, needs: needed(needs) }
    }
}
