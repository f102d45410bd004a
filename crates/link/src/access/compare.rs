//! How a value of a request is compared with one of a policy.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use ipnet::IpNet;

use super::Tri;
use super::context::Context;
use super::need::Need;
use super::template::{Case, Filled, Template, Wildcards};
use crate::policy::glob::{Glob, Sign};

/// A comparison, not negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Text(Case),
    /// A text with wildcards.
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
}

/// Where the value of the request has to be, seen from that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Same,
    Before,
    BeforeOrSame,
    After,
    AfterOrSame,
}

impl Comparison {
    /// Reads the name of an operator in lower case, and whether it is the opposite of its comparison.
    pub(super) fn read(operator: &str) -> Option<(Self, bool)> {
        let plain = |comparison| Some((comparison, false));
        let negated = |comparison| Some((comparison, true));
        match operator {
            "stringequals" => plain(Self::Text(Case::Matters)),
            "stringnotequals" => negated(Self::Text(Case::Matters)),
            "stringequalsignorecase" => plain(Self::Text(Case::Ignored)),
            "stringnotequalsignorecase" => negated(Self::Text(Case::Ignored)),
            "stringlike" => plain(Self::Like),
            "stringnotlike" => negated(Self::Like),
            "arnequals" | "arnlike" => plain(Self::Arn),
            "arnnotequals" | "arnnotlike" => negated(Self::Arn),
            "bool" => plain(Self::Bool),
            "binaryequals" => plain(Self::Binary),
            "ipaddress" => plain(Self::Address),
            "notipaddress" => negated(Self::Address),
            _ => {
                let number =
                    operator.strip_prefix("numeric").map(|it| (it, Self::Number as fn(Order) -> Self));
                let (rest, made) =
                    number.or_else(|| Some((operator.strip_prefix("date")?, Self::Date as _)))?;
                match rest {
                    "equals" => plain(made(Order::Same)),
                    "notequals" => negated(made(Order::Same)),
                    "lessthan" => plain(made(Order::Before)),
                    "lessthanequals" => plain(made(Order::BeforeOrSame)),
                    "greaterthan" => plain(made(Order::After)),
                    "greaterthanequals" => plain(made(Order::AfterOrSame)),
                    _ => None,
                }
            }
        }
    }

    /// Whether `*` and `?` mean other characters.
    pub(super) fn wildcards(self) -> Wildcards {
        if matches!(self, Self::Like | Self::Arn) { Wildcards::Read } else { Wildcards::Plain }
    }

    /// Whether variables may stand in what is compared with: in texts and ARNs.
    pub(super) fn has_variables(self) -> bool {
        matches!(self, Self::Text(_) | Self::Like | Self::Arn)
    }
}

impl Order {
    fn holds(self, value: f64, than: f64) -> bool {
        match self {
            // Numbers of policies are decimal fractions of few digits, which compare as they are written.
            Self::Same => value.total_cmp(&than).is_eq(),
            Self::Before => value < than,
            Self::BeforeOrSame => value <= than,
            Self::After => value > than,
            Self::AfterOrSame => value >= than,
        }
    }
}

/// Whether a value of the request compares so with one of a policy.
pub(super) fn compare(
    comparison: Comparison,
    value: &str,
    operand: &Template,
    context: &Context,
    needs: &mut Vec<Need>,
) -> Tri {
    let written = operand.written.trim();
    match comparison {
        Comparison::Text(case) => operand.fits(value, case, context, needs),
        Comparison::Like => operand.fits(value, Case::Matters, context, needs),
        Comparison::Arn => match operand.fill(context) {
            Filled::Whole(signs) => arn_fits(&signs, value).into(),
            Filled::Open(signs, open) if arn_fits(&signs, value) => {
                needs.extend(open);
                Tri::Unknown
            }
            Filled::Open(..) | Filled::Void => Tri::No,
        },
        Comparison::Number(order) => {
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|it| it.is_finite());
            both(number(value), number(written)).is_some_and(|(one, than)| order.holds(one, than)).into()
        }
        Comparison::Date(order) => {
            both(seconds(value), seconds(written)).is_some_and(|(one, than)| order.holds(one, than)).into()
        }
        Comparison::Bool => value.trim().eq_ignore_ascii_case(written).into(),
        Comparison::Binary => {
            let bytes = |text: &str| text.trim().trim_end_matches('=').to_owned();
            (bytes(value) == bytes(written)).into()
        }
        Comparison::Address => {
            let is_inside = both(value.trim().parse::<IpAddr>().ok(), network(written));
            is_inside.is_some_and(|(address, network)| network.contains(&address)).into()
        }
    }
}

fn both<A, B>(one: Option<A>, other: Option<B>) -> Option<(A, B)> {
    one.zip(other)
}

/// ARNs are compared segment by segment; wildcards do not go beyond a colon, except in the last one.
fn arn_fits(signs: &[Sign], arn: &str) -> bool {
    let patterns: Vec<Glob> =
        signs.splitn(6, |it| *it == Sign::Is(':')).map(|it| Glob::new(it.iter().copied())).collect();
    let segments: Vec<&str> = arn.splitn(6, ':').collect();
    match patterns.as_slice() {
        // `*` alone is every ARN.
        [all] if all.fits("") => all.fits(arn),
        _ => {
            patterns.len() == segments.len()
                && patterns.iter().zip(segments).all(|(pattern, segment)| pattern.fits(segment))
        }
    }
}

/// A date as ISO 8601 writes it, or the seconds since the epoch.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return seconds.is_finite().then_some(seconds);
    }
    let millis = DateTime::parse_from_rfc3339(text)
        .map(|it| it.timestamp_millis())
        .or_else(|_| {
            let minutes = text.trim_end_matches('Z');
            NaiveDateTime::parse_from_str(minutes, "%Y-%m-%dT%H:%M").map(|it| it.and_utc().timestamp_millis())
        })
        .or_else(|_| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map(|it| it.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
        });
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date are exact in a double")]
    millis.ok().map(|it| it as f64 / 1000.0)
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::super::template::Variables;
    use super::*;

    #[test]
    fn each_operator_compares_its_own_way() {
        let check = |operator: &str, value: &str, operand: &str, expected: bool| {
            let (comparison, is_negated) = Comparison::read(operator).unwrap();
            let template = Template::read(operand, Variables::Read, comparison.wildcards());
            let is = compare(comparison, value, &template, &Context::default(), &mut Vec::new());
            let is = if is_negated { is.not() } else { is };
            assert_eq!(is, expected.into(), "{value} {operator} {operand}");
        };

        check("stringequals", "a*", "a*", true);
        check("stringequals", "ab", "a*", false);
        check("stringequals", "A", "a", false);
        check("stringnotequals", "A", "a", true);
        check("stringequalsignorecase", "A", "a", true);
        check("stringnotequalsignorecase", "A", "a", false);
        check("stringlike", "abc", "a?*", true);
        check("stringnotlike", "abc", "a?*", false);
        check("numericequals", "10", "10.0", true);
        check("numericnotequals", "10", "10.0", false);
        check("numericlessthan", "9", "10", true);
        check("numericlessthanequals", "10", "10", true);
        check("numericgreaterthan", "10", "10", false);
        check("numericgreaterthanequals", "10", "10", true);
        check("numericlessthan", "ten", "10", false);
        check("datelessthan", "2026-01-01T00:00:00Z", "2026-06-01", true);
        check("dategreaterthan", "2026-01-01T00:00Z", "1700000000", true);
        check("dateequals", "2026-01-01", "2026-01-01T01:00:00+01:00", true);
        check("datenotequals", "2026-01-01", "2026-01-02", true);
        check("datelessthanequals", "soon", "2026-01-02", false);
        check("bool", "True", "true", true);
        check("bool", "false", "true", false);
        check("binaryequals", "QmluYXJ5==", "QmluYXJ5", true);
        check("ipaddress", "203.0.113.7", "203.0.113.0/24", true);
        check("ipaddress", "203.0.113.7", "203.0.113.7", true);
        check("notipaddress", "2001:db8::1", "203.0.113.0/24", true);
        check("ipaddress", "not one", "0.0.0.0/0", false);
        check("arnequals", "arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:*:1:t", true);
        check("arnlike", "arn:aws:sns:eu-west-1:1:t:x", "arn:aws:sns:*:1:t*", true);
        check("arnlike", "arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:*:t", false);
        check("arnnotlike", "arn:aws:sns:eu-west-1:1:t", "arn:aws:sqs:*:*:*", true);
        check("arnlike", "arn:aws:sns:eu-west-1:1:t", "*", true);
        assert_eq!(Comparison::read("stringmaybe"), None);
        assert_eq!(Comparison::read("numeric"), None);
    }
}
