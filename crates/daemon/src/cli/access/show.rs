//! Answers, for people and for programs.

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_link::access::{
    Action, Answer, Decision, Grant, Kind, Layer, NOT_EVALUATED, Need, Requester, Target,
};
use orgraph_model::AccountId;
use serde_json::{Value, json};

use super::super::safe::Safe;
use super::Format;
use super::input;

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) principal: Option<&'a str>,
    pub(super) action: Option<&'a Action>,
    pub(super) target: Option<&'a Target>,
}

/// One answer of several.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    answer: Answer,
    subject: Subject,
    needs: Vec<Need>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Principal(String),
    Grant(Grant),
}

impl Row {
    pub(super) fn of_principal(requester: &Requester, decision: Decision) -> Self {
        let name = if requester.kind == Kind::Anybody { "*" } else { &requester.arn };
        Self { answer: decision.answer, subject: Subject::Principal(name.to_owned()), needs: decision.needs }
    }

    /// The principals of an account that the policy of the resource lets in and that is not read.
    pub(super) fn of_unread_account(account: &AccountId) -> Self {
        Self {
            answer: Answer::Unknown,
            subject: Subject::Principal(format!("principals of account {account}")),
            needs: vec![Need::Fact(format!(
                "the policies of account {account}, whose principals are not read"
            ))],
        }
    }

    pub(super) fn of_grant(grant: Grant, decision: Decision) -> Self {
        Self { answer: decision.answer, subject: Subject::Grant(grant), needs: decision.needs }
    }

    /// What the policies of a principal allow that are not read.
    pub(super) fn of_unread_identity(why: &str) -> Self {
        let grant = Grant { action: "*".to_owned(), resource: "*".to_owned() };
        let needs = vec![Need::Fact(why.to_owned())];
        Self { answer: Answer::Unknown, subject: Subject::Grant(grant), needs }
    }

    fn json(&self) -> Value {
        let mut row = match &self.subject {
            Subject::Principal(principal) => json!({"principal": principal}),
            Subject::Grant(grant) => json!({"action": grant.action, "resource": grant.resource}),
        };
        row["decision"] = json!(self.answer.as_str());
        row["needs"] = needs(&self.needs);
        row
    }
}

/// One decision with everything it rests on.
pub(super) fn decision(format: Format, asked: &Asked<'_>, decision: &Decision) -> anyhow::Result<()> {
    if format == Format::Json {
        let mut answer = asked.json();
        answer["decision"] = json!(decision.answer.as_str());
        answer["note"] = json!(decision.note);
        answer["layers"] = decision.layers.iter().map(layer).collect();
        answer["needs"] = needs(&decision.needs);
        answer["notEvaluated"] = json!(NOT_EVALUATED);
        println!("{}", input::json(&answer)?);
        return Ok(());
    }
    println!("{}", decision.answer.as_str());
    if let Some(note) = &decision.note {
        println!("({note})");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["layer", "", "effect", "by"]);
    for it in &decision.layers {
        let said = |it: &orgraph_link::access::Deciding| {
            let effect = if it.is_allow { "allow" } else { "deny" };
            let may = if it.applies { "" } else { " (may apply)" };
            format!("{effect}{may}: {} of {}", it.statement, it.policy)
        };
        let mut by: Vec<String> = it.deciding.iter().map(said).collect();
        by.extend(it.note.clone());
        table.add_row([
            it.kind.title().to_owned(),
            Safe(it.place.as_deref().unwrap_or_default()).to_string(),
            it.effect.as_str().to_owned(),
            by.iter().map(|it| Safe(it).to_string()).collect::<Vec<_>>().join("\n"),
        ]);
    }
    if !decision.layers.is_empty() {
        println!("{table}");
    }
    if !decision.needs.is_empty() {
        println!("what would have to be known:");
        for need in &decision.needs {
            println!("  {}", Safe(&need.to_string()));
        }
    }
    not_evaluated();
    Ok(())
}

/// Several answers.
pub(super) fn rows(format: Format, asked: &Asked<'_>, rows: &[Row], denied: usize) -> anyhow::Result<()> {
    let count = |answer| rows.iter().filter(|it| it.answer == answer).count();
    let (allowed, unknown) = (count(Answer::Allowed), count(Answer::Unknown));
    if format == Format::Json {
        let mut answer = asked.json();
        answer["answers"] = rows.iter().map(Row::json).collect();
        answer["allowed"] = json!(allowed);
        answer["unknown"] = json!(unknown);
        answer["denied"] = json!(denied);
        answer["notEvaluated"] = json!(NOT_EVALUATED);
        println!("{}", input::json(&answer)?);
        return Ok(());
    }
    println!("{allowed} allowed, {unknown} unknown, {denied} denied");
    if !rows.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        for it in rows {
            let subject = match &it.subject {
                Subject::Principal(principal) => principal.clone(),
                Subject::Grant(grant) => format!("{} on {}", grant.action, grant.resource),
            };
            let needs: Vec<String> = it.needs.iter().map(|it| Safe(&it.to_string()).to_string()).collect();
            table.add_row([it.answer.as_str().to_owned(), Safe(&subject).to_string(), needs.join("\n")]);
        }
        println!("{table}");
    }
    not_evaluated();
    Ok(())
}

fn not_evaluated() {
    println!("not evaluated: {}", NOT_EVALUATED.join("; "));
}

impl Asked<'_> {
    fn json(&self) -> Value {
        let mut asked = json!({});
        let members = [
            ("principal", self.principal),
            ("action", self.action.map(Action::text)),
            ("resource", self.target.map(Target::text)),
        ];
        for (name, text) in members {
            if let Some(text) = text {
                asked[name] = json!(text);
            }
        }
        asked
    }
}

fn layer(layer: &Layer) -> Value {
    let statements: Vec<Value> = layer
        .deciding
        .iter()
        .map(|it| {
            json!({
                "policy": it.policy,
                "statement": it.statement,
                "effect": if it.is_allow { "allow" } else { "deny" },
                "applies": it.applies,
            })
        })
        .collect();
    json!({
        "layer": layer.kind.as_str(),
        "place": layer.place,
        "effect": layer.effect.as_str(),
        "note": layer.note,
        "statements": statements,
    })
}

fn needs(needs: &[Need]) -> Value {
    needs.iter().map(|it| json!({"kind": it.kind(), "what": it.text()})).collect()
}
