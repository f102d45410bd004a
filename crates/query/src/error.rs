//! What can go wrong with a question, told apart by whose fault it is.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The statement is wrong, or asks for what a reader may not see or do.
    #[error("{0}")]
    Statement(Box<StatementError>),
    /// The question took longer than it may.
    #[error("the question took longer than {}", seconds(*.limit))]
    Timeout {
        /// How long it may take.
        limit: std::time::Duration,
    },
    /// One row is larger than an answer may hold.
    #[error("row {row} of the answer is larger than {limit_bytes} bytes")]
    RowTooLarge {
        /// Which row, counted from 1.
        row: u64,
        /// How large one may be.
        limit_bytes: usize,
    },
    /// The login of the daemon may not act as the role that reads.
    #[error("the database does not let orgraph {attempted} ({message}); {help}")]
    Privilege {
        /// What was attempted.
        attempted: &'static str,
        /// What PostgreSQL says.
        message: String,
        /// What to do about it.
        help: &'static str,
    },
    /// The database failed.
    #[error("failed to {attempted}")]
    Database {
        /// What was attempted.
        attempted: &'static str,
        /// What happened.
        source: sqlx::Error,
    },
    /// The answer could not be written.
    #[error("failed to write the answer")]
    Write(#[from] std::io::Error),
}

/// What PostgreSQL says about a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementError {
    /// What is wrong.
    pub message: String,
    /// What PostgreSQL adds.
    pub detail: Option<String>,
    /// What to do instead.
    pub hint: Option<String>,
    /// The SQLSTATE.
    pub code: String,
    /// Where in the statement, in characters from 1.
    pub position: Option<usize>,
    /// The statement; empty when the place in it is not known.
    statement: String,
}

impl AskError {
    /// Whether another question may be answered, but not this one.
    pub fn is_about_the_question(&self) -> bool {
        matches!(self, Self::Statement(_) | Self::RowTooLarge { .. })
    }

    /// Sorts an error of the database. `statement` is what the user wrote, where it was sent as it is.
    pub(crate) fn database(
        attempted: &'static str,
        limit: std::time::Duration,
        statement: Option<&str>,
        source: sqlx::Error,
    ) -> Self {
        let Some(error) = source.as_database_error().and_then(|it| it.try_downcast_ref::<PgDatabaseError>())
        else {
            return Self::Database { attempted, source };
        };
        match error.code() {
            "57014" => Self::Timeout { limit },
            // Connections, resources, the operator's doing, the system, a bug: not what was asked.
            code if ["08", "53", "57", "58", "XX", "F0"].iter().any(|it| code.starts_with(it)) => {
                Self::Database { attempted, source }
            }
            code => Self::Statement(Box::new(StatementError {
                message: error.message().to_owned(),
                detail: error.detail().map(str::to_owned),
                hint: error.hint().map(str::to_owned),
                code: code.to_owned(),
                position: match error.position() {
                    Some(PgErrorPosition::Original(at)) if statement.is_some() => Some(at),
                    _ => None,
                },
                statement: statement.unwrap_or_default().to_owned(),
            })),
        }
    }

    /// A statement that cannot be asked for a reason of our own.
    pub(crate) fn statement(message: &str) -> Self {
        Self::Statement(Box::new(StatementError {
            message: message.to_owned(),
            detail: None,
            hint: None,
            code: "42601".to_owned(),
            position: None,
            statement: String::new(),
        }))
    }
}

impl StatementError {
    /// The line it is about, with the column in characters from 1.
    pub fn line(&self) -> Option<(usize, usize, &str)> {
        let before = self.position?.checked_sub(1)?;
        let at = self.statement.char_indices().nth(before).map_or(self.statement.len(), |(at, _)| at);
        let start = self.statement[..at].rfind('\n').map_or(0, |it| it + 1);
        let number = self.statement[..at].matches('\n').count() + 1;
        let line = self.statement[start..].lines().next().unwrap_or_default();
        Some((number, self.statement[start..at].chars().count() + 1, line))
    }
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.message)?;
        if let Some((number, column, line)) = self.line() {
            let margin = " ".repeat(number.to_string().len());
            let shown: String = line.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
            write!(
                f,
                "\n{margin}--> line {number}, column {column}\n{margin} |\n{number} | {}",
                shown.trim_end()
            )?;
            write!(f, "\n{margin} | {}^", " ".repeat(column - 1))?;
        }
        for (name, text) in [("detail", &self.detail), ("hint", &self.hint)] {
            if let Some(text) = text {
                write!(f, "\n  = {name}: {text}")?;
            }
        }
        Ok(())
    }
}

fn seconds(limit: std::time::Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_in_sql_is_shown_with_its_line() {
        let error = StatementError {
            message: "column \"nmae\" does not exist".to_owned(),
            detail: None,
            hint: Some("Perhaps you meant \"name\".".to_owned()),
            code: "42703".to_owned(),
            position: Some(14),
            statement: "SELECT 'é',\n  nmae\nFROM orgraph.entity".to_owned(),
        };

        assert_eq!(
            error.to_string(),
            "column \"nmae\" does not exist\n --> line 2, column 2\n  |\n2 |   nmae\n  |  ^\n  = hint: Perhaps you meant \"name\"."
        );
    }

    #[test]
    fn a_place_after_the_end_is_the_end() {
        let error = StatementError {
            message: "syntax error at end of input".to_owned(),
            detail: None,
            hint: None,
            code: "42601".to_owned(),
            position: Some(99),
            statement: "SELECT".to_owned(),
        };

        assert_eq!(error.line(), Some((1, 7, "SELECT")));
    }
}
