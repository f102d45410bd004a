//! Times as milliseconds since 1970.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::super::ast::{Date, DateBase, Operator, Unit};

/// A date as milliseconds; `None` when it is out of range.
pub(super) fn milliseconds(date: &Date, now: DateTime<Utc>) -> Option<i64> {
    let mut at = match date.base {
        DateBase::Now => now,
        DateBase::At(at) => at,
    };
    for offset in &date.offsets {
        at = match offset.unit {
            Unit::Hour => at.checked_add_signed(TimeDelta::try_hours(offset.amount)?)?,
            Unit::Day => at.checked_add_signed(TimeDelta::try_days(offset.amount)?)?,
            Unit::Month => add_months(at, offset.amount)?,
            Unit::Year => add_months(at, offset.amount.checked_mul(12)?)?,
        };
    }
    Some(at.timestamp_millis())
}

fn add_months(at: DateTime<Utc>, months: i64) -> Option<DateTime<Utc>> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { at.checked_sub_months(count) } else { at.checked_add_months(count) }
}

/// A comparison of a time in whole milliseconds as one of the column, which is finer: what is not after `at` is before
/// the next millisecond. `None` when it is out of PostgreSQL's range.
pub(super) fn as_column(operator: Operator, at: i64) -> Option<(&'static str, DateTime<Utc>)> {
    // PostgreSQL's times end later, chrono's at the year 262142; before the common era the two count differently.
    const RANGE: std::ops::Range<i64> = -62_000_000_000_000..253_000_000_000_000;
    if !RANGE.contains(&at) {
        return None;
    }
    let (sign, at) = match operator {
        Operator::Less => (" < ", at),
        Operator::LessOrEqual => (" < ", at + 1),
        Operator::Greater => (" >= ", at + 1),
        _ => (" >= ", at),
    };
    Some((sign, DateTime::from_timestamp_millis(at)?))
}
