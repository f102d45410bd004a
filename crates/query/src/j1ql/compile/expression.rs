//! What is returned: values of a row, and figures over rows, as SQL over the leaves `v0`, `v1`, … of a way.

use serde_json::Value;

use super::super::ast::{
    Aggregate, AggregateFunction, Arithmetic, Expression, Function, Literal, Property, Span, Spanned,
};
use super::super::diagnose::Diagnostic;
use super::Compiler;
use super::field::Field;
use super::names::Binding;

/// What a way has to bring along for the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// One value.
    Value(Binding, Field),
    /// All of an entity or relationship.
    Object(Binding),
    /// What tells one entity or relationship from another.
    Identity(Binding),
}

impl Leaf {
    /// Whose it is.
    pub(super) fn binding(&self) -> Binding {
        match self {
            Self::Value(binding, _) | Self::Object(binding) | Self::Identity(binding) => *binding,
        }
    }
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// In a column without figures: any value of the row.
    Row,
    /// In a column with figures, outside of them: only constants.
    Figures,
    /// In a figure.
    Figure,
}

/// Whether there is a figure in it.
pub(super) fn has_figure(expression: &Expression) -> bool {
    match expression {
        Expression::Aggregate(_) => true,
        Expression::Call { arguments, .. } => arguments.iter().any(has_figure),
        Expression::Negate(inner) => has_figure(inner),
        Expression::Arithmetic { left, right, .. } => has_figure(left) || has_figure(right),
        Expression::Alias(_) | Expression::All(_) | Expression::Property(_) | Expression::Value(_) => false,
    }
}

impl Compiler<'_> {
    /// A column's value as `jsonb`.
    pub(super) fn column(&mut self, expression: &Expression, span: Span) -> Result<(), Diagnostic> {
        let inside = if has_figure(expression) { Inside::Figures } else { Inside::Row };
        match expression {
            Expression::Alias(alias) | Expression::All(alias) if inside == Inside::Row => {
                let binding = self.names.find(&alias.node, alias.span, self.text)?;
                self.leaf(Leaf::Object(binding));
                Ok(())
            }
            _ => self.json(expression, inside, span),
        }
    }

    fn json(&mut self, expression: &Expression, inside: Inside, span: Span) -> Result<(), Diagnostic> {
        match expression {
            Expression::Property(property) => self.property(property, inside),
            Expression::Value(value) => {
                let value = self.literal(value)?;
                self.sql.json(value);
                Ok(())
            }
            Expression::Call { function, arguments } => match function.node {
                Function::Concat => self.concat(arguments, inside, span),
                Function::Merge => self.merge(arguments, inside, span),
                Function::Coalesce => self.coalesce(arguments, inside, span),
                _ => self.number_as_json(expression, inside, span),
            },
            Expression::Aggregate(_) | Expression::Negate(_) | Expression::Arithmetic { .. } => {
                self.number_as_json(expression, inside, span)
            }
            Expression::Alias(alias) | Expression::All(alias) => {
                self.names.find(&alias.node, alias.span, self.text)?;
                let message = format!("`{}` is not a value", alias.node);
                Err(Diagnostic::at(self.text, alias.span, message).expecting(&["one of its properties"]))
            }
        }
    }

    fn property(&mut self, property: &Property, inside: Inside) -> Result<(), Diagnostic> {
        if inside == Inside::Figures {
            let message =
                "a column with a figure such as `count` has other properties only within the figure";
            return Err(Diagnostic::at(self.text, property.span(), message));
        }
        let Some(alias) = &property.alias else {
            return Err(Diagnostic::at(self.text, property.name.span, "this belongs to nothing"));
        };
        let binding = self.names.find(&alias.node, alias.span, self.text)?;
        let field = self.field(binding, property)?;
        self.leaf(Leaf::Value(binding, field));
        Ok(())
    }

    fn literal(&self, literal: &Spanned<Literal>) -> Result<Value, Diagnostic> {
        Ok(match &literal.node {
            Literal::Text(text) => Value::from(text.as_str()),
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::Boolean(value) => Value::from(*value),
            Literal::Date(date) => Value::from(self.date(date, literal.span)?),
            Literal::Undefined | Literal::Null => Value::Null,
        })
    }

    fn number_as_json(
        &mut self,
        expression: &Expression,
        inside: Inside,
        span: Span,
    ) -> Result<(), Diagnostic> {
        self.sql.put("to_jsonb(");
        self.number(expression, inside, span)?;
        self.sql.put(")");
        Ok(())
    }

    /// A value as `numeric`, `NULL` when it is no number.
    fn number(&mut self, expression: &Expression, inside: Inside, span: Span) -> Result<(), Diagnostic> {
        match expression {
            Expression::Aggregate(aggregate) => self.aggregate(aggregate, inside, span),
            Expression::Negate(inner) => {
                self.sql.put("(- ");
                self.number(inner, inside, span)?;
                self.sql.put(")");
                Ok(())
            }
            Expression::Arithmetic { operator, left, right } => {
                self.arithmetic(*operator, left, right, inside, span)
            }
            Expression::Call { function, arguments } => {
                let name = match function.node {
                    Function::Abs => "abs(",
                    Function::Ceil => "ceil(",
                    Function::Floor => "floor(",
                    Function::Round => "round(",
                    Function::Sqrt => "(SELECT CASE WHEN t.x >= 0 THEN sqrt(t.x) END FROM (SELECT ",
                    Function::Concat | Function::Merge | Function::Coalesce => {
                        return self.json_as_number(expression, inside, span);
                    }
                };
                self.sql.put(name);
                for argument in arguments {
                    self.number(argument, inside, span)?;
                }
                self.sql.put(if function.node == Function::Sqrt { " AS x) AS t)" } else { ")" });
                Ok(())
            }
            _ => self.json_as_number(expression, inside, span),
        }
    }

    fn json_as_number(
        &mut self,
        expression: &Expression,
        inside: Inside,
        span: Span,
    ) -> Result<(), Diagnostic> {
        self.sql.put(
            "(SELECT CASE WHEN jsonb_typeof(t.x) = 'number' THEN (t.x #>> '{}')::numeric END FROM (SELECT ",
        );
        self.json(expression, inside, span)?;
        self.sql.put(" AS x) AS t)");
        Ok(())
    }

    /// What has no result, such as dividing by zero, has no value. Powers are kept below what PostgreSQL can hold.
    fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: &Expression,
        right: &Expression,
        inside: Inside,
        span: Span,
    ) -> Result<(), Diagnostic> {
        let (before, between, after) = match operator {
            Arithmetic::Add => ("(", " + ", ")"),
            Arithmetic::Subtract => ("(", " - ", ")"),
            Arithmetic::Multiply => ("(", " * ", ")"),
            Arithmetic::Divide => ("(", " / nullif(", ", 0))"),
            Arithmetic::Power => (
                "(SELECT CASE WHEN abs(t.x) > 1e15 OR abs(t.y) > 64 OR (t.x = 0 AND t.y < 0) OR (t.x < 0 AND t.y <> floor(t.y)) \
                 THEN NULL ELSE power(t.x, t.y) END FROM (SELECT ",
                " AS x, ",
                " AS y) AS t)",
            ),
        };
        self.sql.put(before);
        self.number(left, inside, span)?;
        self.sql.put(between);
        self.number(right, inside, span)?;
        self.sql.put(after);
        Ok(())
    }

    fn aggregate(&mut self, it: &Aggregate, inside: Inside, span: Span) -> Result<(), Diagnostic> {
        if inside == Inside::Figure {
            let message = format!("`{}` cannot stand within another figure", it.function.node.as_str());
            return Err(Diagnostic::at(self.text, it.function.span, message));
        }
        if it.function.node == AggregateFunction::Count {
            self.sql.put("count(DISTINCT ");
            if let Expression::Alias(alias) = it.argument.as_ref() {
                let binding = self.names.find(&alias.node, alias.span, self.text)?;
                self.leaf(Leaf::Identity(binding));
            } else {
                self.sql.put("nullif(");
                self.json(&it.argument, Inside::Figure, span)?;
                self.sql.put(", 'null'::jsonb)");
            }
            self.sql.put(")::numeric");
            return Ok(());
        }
        self.sql.put(match (it.function.node, it.distinct) {
            (AggregateFunction::Min, _) => "min(",
            (AggregateFunction::Max, _) => "max(",
            (AggregateFunction::Avg, false) => "avg(",
            (AggregateFunction::Avg, true) => "avg(DISTINCT ",
            (_, false) => "sum(",
            (_, true) => "sum(DISTINCT ",
        });
        self.number(&it.argument, Inside::Figure, span)?;
        self.sql.put(")");
        Ok(())
    }

    fn concat(&mut self, arguments: &[Expression], inside: Inside, span: Span) -> Result<(), Diagnostic> {
        self.sql.put("to_jsonb(");
        for (at, argument) in arguments.iter().enumerate() {
            self.sql.put(if at == 0 { "coalesce(" } else { " || coalesce(" });
            self.json(argument, inside, span)?;
            self.sql.put(" #>> '{}', '')");
        }
        self.sql.put(")");
        Ok(())
    }

    fn merge(&mut self, arguments: &[Expression], inside: Inside, span: Span) -> Result<(), Diagnostic> {
        self.sql.put("(SELECT jsonb_agg(DISTINCT t.v) FROM jsonb_path_query(jsonb_build_array(");
        self.listed(arguments, inside, span)?;
        self.sql.put("), '$[*][*] ? (@.type() != \"null\")') AS t(v))");
        Ok(())
    }

    fn coalesce(&mut self, arguments: &[Expression], inside: Inside, span: Span) -> Result<(), Diagnostic> {
        self.sql.put("jsonb_path_query_first(jsonb_build_array(");
        self.listed(arguments, inside, span)?;
        self.sql.put("), 'strict $[*] ? (@.type() != \"null\")')");
        Ok(())
    }

    fn listed(&mut self, arguments: &[Expression], inside: Inside, span: Span) -> Result<(), Diagnostic> {
        for (at, argument) in arguments.iter().enumerate() {
            if at > 0 {
                self.sql.put(", ");
            }
            self.json(argument, inside, span)?;
        }
        Ok(())
    }

    /// The leaf, to be brought along by every way.
    fn leaf(&mut self, leaf: Leaf) {
        let at = self.leaves.iter().position(|it| *it == leaf).unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        self.sql.numbered("p.v", at);
    }
}
