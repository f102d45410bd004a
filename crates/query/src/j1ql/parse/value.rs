//! Values: text, numbers, times.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::super::ast::{Date, DateBase, Literal, Offset, Span, Spanned, Unit};
use super::super::diagnose::Diagnostic;
use super::super::lexer::Kind;
use super::super::words::nearest;
use super::{Parsed, Parser};

const UNITS: [(&str, Unit); 12] = [
    ("hour", Unit::Hour),
    ("hr", Unit::Hour),
    ("hours", Unit::Hour),
    ("hrs", Unit::Hour),
    ("day", Unit::Day),
    ("days", Unit::Day),
    ("month", Unit::Month),
    ("mo", Unit::Month),
    ("months", Unit::Month),
    ("mos", Unit::Month),
    ("year", Unit::Year),
    ("years", Unit::Year),
];
const MORE_UNITS: [(&str, Unit); 2] = [("yr", Unit::Year), ("yrs", Unit::Year)];

impl Parser<'_> {
    pub(super) fn literal(&mut self) -> Parsed<Spanned<Literal>> {
        let start = self.span();
        let literal = match self.kind().clone() {
            Kind::Text(text) => {
                self.next();
                Literal::Text(text)
            }
            Kind::Number(_) => Literal::Number(self.number(false)?),
            Kind::Sign("-") if matches!(self.kind_at(1), Kind::Number(_)) => {
                self.next();
                Literal::Number(self.number(true)?)
            }
            Kind::Word(word) => match word.to_ascii_lowercase().as_str() {
                "date" => Literal::Date(self.date()?),
                "true" => self.constant(Literal::Boolean(true)),
                "false" => self.constant(Literal::Boolean(false)),
                "undefined" => self.constant(Literal::Undefined),
                "null" => self.constant(Literal::Null),
                _ => {
                    let shown = Self::clipped(&word);
                    let quoted = format!("`'{shown}'`, as text stands in quotes");
                    return Err(self.unexpected(&[&quoted, "a value"]));
                }
            },
            _ => {
                return Err(self.unexpected(&[
                    "a value: text in quotes, a number, `true`, `false`, a date, `undefined`, `null`",
                ]));
            }
        };
        Ok(Spanned::new(literal, start.to(self.previous())))
    }

    fn constant(&mut self, literal: Literal) -> Literal {
        self.next();
        literal
    }

    pub(super) fn number(&mut self, negative: bool) -> Parsed<serde_json::Number> {
        let Kind::Number(digits) = self.kind() else { return Err(self.unexpected(&["a number"])) };
        let text = if negative { format!("-{digits}") } else { digits.clone() };
        let whole = text.parse::<i64>().ok().map(serde_json::Number::from);
        let number = whole.or_else(|| serde_json::Number::from_f64(text.parse().ok()?));
        let Some(number) = number else {
            return Err(Diagnostic::at(self.text, self.span(), "this number is too large"));
        };
        self.next();
        Ok(number)
    }

    fn date(&mut self) -> Parsed<Date> {
        self.keyword("DATE");
        let base =
            if self.sign(".") {
                if !self.keyword("NOW") {
                    return Err(self.unexpected(&["`now`"]));
                }
                DateBase::Now
            } else if self.sign("(") {
                let start = self.span().start;
                while !matches!(self.kind(), Kind::Sign(")") | Kind::End) {
                    self.next();
                }
                let span = Span { start, end: self.span().start };
                let written = self.text[span.start..span.end].trim();
                let Some(at) = date_time(written) else {
                    return Err(Diagnostic::at(self.text, span, "this is not a date in ISO 8601")
                        .expecting(&["`2024`", "`2024-01`", "`2024-01-31`", "`2024-01-31T12:00:00Z`"]));
                };
                self.require(")")?;
                DateBase::At(at)
            } else {
                return Err(self.unexpected(&["`date.now`", "`date(2024-01-31)`"]));
            };
        let mut offsets = Vec::new();
        while matches!(self.kind(), Kind::Sign("+" | "-")) {
            offsets.push(self.offset()?);
            self.count_part()?;
        }
        Ok(Date { base, offsets })
    }

    fn offset(&mut self) -> Parsed<Offset> {
        let negative = self.sign("-");
        if !negative {
            self.sign("+");
        }
        let Kind::Number(number) = self.kind().clone() else {
            return Err(self.unexpected(&["a number of hours, days, months or years"]));
        };
        let Ok(amount) = number.parse::<u32>() else {
            return Err(self.unexpected(&["a whole number"]));
        };
        self.next();
        let units = || UNITS.iter().chain(&MORE_UNITS);
        let unit = match self.kind() {
            Kind::Word(word) => units().find(|it| it.0.eq_ignore_ascii_case(word)).map(|it| it.1),
            _ => None,
        };
        let Some(unit) = unit else {
            let diagnostic = self.unexpected(&["`hours`", "`days`", "`months`", "`years`"]);
            let Kind::Word(word) = self.kind() else { return Err(diagnostic) };
            return Err(diagnostic.suggesting(nearest(&word.to_ascii_lowercase(), units().map(|it| it.0))));
        };
        self.next();
        let amount = i64::from(amount);
        Ok(Offset { amount: if negative { -amount } else { amount }, unit })
    }
}

/// A date of ISO 8601 as far as it is written; without a zone it is in UTC.
fn date_time(text: &str) -> Option<DateTime<Utc>> {
    let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
    let digits = |it: &str, count| it.len() == count && it.bytes().all(|it| it.is_ascii_digit());
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-');
    let year = parts.next().filter(|it| digits(it, 4))?.parse().ok()?;
    let mut rest = [1, 1];
    let mut count = 0;
    for part in parts {
        *rest.get_mut(count)? = digits(part, 2).then(|| part.parse().ok()).flatten()?;
        count += 1;
    }
    let date = NaiveDate::from_ymd_opt(year, rest[0], rest[1])?;
    let Some(time) = time else { return Some(midnight(date)) };
    if count < 2 {
        return None;
    }
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let clock = match clock.len() {
        2 => format!("{clock}:00:00"),
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    let zone = match (zone, zone.len()) {
        ("" | "z", _) => "Z".to_owned(),
        (_, 3) => format!("{zone}:00"),
        (_, 5) => format!("{}:{}", zone.get(..3)?, zone.get(3..)?),
        _ => zone.to_owned(),
    };
    let naive = NaiveDateTime::new(date, NaiveTime::parse_from_str(&clock, "%H:%M:%S%.f").ok()?);
    let written = format!("{}{zone}", naive.format("%Y-%m-%dT%H:%M:%S%.f"));
    let at = DateTime::parse_from_rfc3339(&written).ok()?.with_timezone(&Utc);
    DateTime::from_timestamp_millis(at.timestamp_millis())
}
