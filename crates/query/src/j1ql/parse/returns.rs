//! What stands after `RETURN` and `ORDER BY`.

use super::super::ast::{
    Aggregate, AggregateFunction, Arithmetic, Expression, Function, Item, Order, Place, Property, Return,
    Spanned,
};
use super::super::diagnose::Diagnostic;
use super::super::lexer::Kind;
use super::super::words::nearest;
use super::{Parsed, Parser, is_keyword};

const AGGREGATES: [AggregateFunction; 5] = [
    AggregateFunction::Count,
    AggregateFunction::Min,
    AggregateFunction::Max,
    AggregateFunction::Avg,
    AggregateFunction::Sum,
];
const FUNCTIONS: [Function; 8] = [
    Function::Concat,
    Function::Merge,
    Function::Coalesce,
    Function::Abs,
    Function::Sqrt,
    Function::Ceil,
    Function::Floor,
    Function::Round,
];

impl Parser<'_> {
    pub(super) fn returns(&mut self) -> Parsed<Return> {
        if self.is_keyword(0, "TREE") && !matches!(self.kind_at(1), Kind::Sign("." | "," | "(")) {
            self.next();
            return Ok(Return::Tree);
        }
        let mut items = Vec::new();
        loop {
            self.count_part()?;
            let start = self.span();
            let expression = self.expression()?;
            let span = Place(start.to(self.previous()));
            let name = if self.keyword("AS") { Some(self.column_name()?) } else { None };
            items.push(Item { expression, name, span });
            if !self.sign(",") {
                return Ok(Return::Items(items));
            }
        }
    }

    fn column_name(&mut self) -> Parsed<Spanned<String>> {
        match self.kind().clone() {
            Kind::Word(name) | Kind::Text(name) if !name.is_empty() => Ok(Spanned::new(name, self.next())),
            _ => Err(self.unexpected(&["the name of a column"])),
        }
    }

    pub(super) fn order(&mut self) -> Parsed<Vec<Order>> {
        if !self.keyword("BY") {
            return Err(self.unexpected(&["`BY`"]));
        }
        let mut order = Vec::new();
        loop {
            self.count_part()?;
            let start = self.span();
            let by = self.expression()?;
            let span = Place(start.to(self.previous()));
            let descending = self.keyword("DESC");
            if !descending {
                self.keyword("ASC");
            }
            order.push(Order { by, descending, span });
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }

    /// `+ -` over `* /` over `^`, each from the left to the right but `^`.
    fn expression(&mut self) -> Parsed<Expression> {
        self.descend()?;
        let mut left = self.product()?;
        loop {
            let operator = match self.kind() {
                Kind::Sign("+") => Arithmetic::Add,
                Kind::Sign("-") => Arithmetic::Subtract,
                _ => break,
            };
            self.count_part()?;
            self.next();
            left = arithmetic(operator, left, self.product()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Parsed<Expression> {
        let mut left = self.power()?;
        loop {
            let operator = match self.kind() {
                Kind::Sign("*") => Arithmetic::Multiply,
                Kind::Sign("/") => Arithmetic::Divide,
                _ => return Ok(left),
            };
            self.count_part()?;
            self.next();
            left = arithmetic(operator, left, self.power()?);
        }
    }

    fn power(&mut self) -> Parsed<Expression> {
        let base = self.unary()?;
        if !self.sign("^") {
            return Ok(base);
        }
        self.descend()?;
        let exponent = self.power()?;
        self.depth -= 1;
        Ok(arithmetic(Arithmetic::Power, base, exponent))
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if *self.kind() != Kind::Sign("-") {
            return self.primary();
        }
        if let Kind::Number(_) = self.kind_at(1) {
            return Ok(Expression::Value(self.literal()?));
        }
        self.next();
        self.descend()?;
        let inner = self.unary()?;
        self.depth -= 1;
        Ok(Expression::Negate(Box::new(inner)))
    }

    fn primary(&mut self) -> Parsed<Expression> {
        match self.kind().clone() {
            Kind::Sign("(") => {
                self.next();
                let inner = self.expression()?;
                self.require(")")?;
                Ok(inner)
            }
            Kind::Text(_) | Kind::Number(_) => Ok(Expression::Value(self.literal()?)),
            Kind::Word(word) if *self.kind_at(1) == Kind::Sign("(") && !word.eq_ignore_ascii_case("date") => {
                self.call(&word)
            }
            Kind::Word(word)
                if ["true", "false", "null", "date"].iter().any(|it| it.eq_ignore_ascii_case(&word)) =>
            {
                Ok(Expression::Value(self.literal()?))
            }
            Kind::Word(word) if !is_keyword(&word) => {
                let alias = Spanned::new(word, self.next());
                if !self.sign(".") {
                    return Ok(Expression::Alias(alias));
                }
                if self.sign("*") {
                    return Ok(Expression::All(alias));
                }
                Ok(Expression::Property(Property { alias: Some(alias), name: self.property_name()? }))
            }
            _ => Err(self.unexpected(&[
                "a property such as `host.state`",
                "a name given with `AS`",
                "a function",
                "a value",
            ])),
        }
    }

    fn call(&mut self, word: &str) -> Parsed<Expression> {
        let aggregate = AGGREGATES.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(word));
        let function = FUNCTIONS.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(word));
        let name = self.next();
        self.next();
        if let Some(function) = aggregate {
            if *self.kind() == Kind::Sign("*") {
                return Err(self.not_supported(&format!("`{}(*)`", function.as_str())));
            }
            let distinct = self.is_keyword(0, "DISTINCT") && !matches!(self.kind_at(1), Kind::Sign(_));
            if distinct {
                self.next();
            }
            let argument = Box::new(self.expression()?);
            self.require(")")?;
            return Ok(Expression::Aggregate(Aggregate {
                function: Spanned::new(function, name),
                distinct,
                argument,
            }));
        }
        let Some(function) = function else {
            let names =
                AGGREGATES.map(AggregateFunction::as_str).into_iter().chain(FUNCTIONS.map(Function::as_str));
            let shown = Self::clipped(word);
            return Err(Diagnostic::at(self.text, name, format!("there is no function `{shown}`"))
                .suggesting(nearest(&word.to_ascii_lowercase(), names)));
        };
        let mut arguments = vec![self.expression()?];
        while self.sign(",") {
            self.count_part()?;
            arguments.push(self.expression()?);
        }
        self.require(")")?;
        let takes_one = !matches!(function, Function::Concat | Function::Merge | Function::Coalesce);
        if takes_one && arguments.len() > 1 {
            let message = format!("`{}` takes one value", function.as_str());
            return Err(Diagnostic::at(self.text, name.to(self.previous()), message));
        }
        Ok(Expression::Call { function: Spanned::new(function, name), arguments })
    }
}

fn arithmetic(operator: Arithmetic, left: Expression, right: Expression) -> Expression {
    Expression::Arithmetic { operator, left: Box::new(left), right: Box::new(right) }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn powers_bind_more_than_products_and_those_more_than_sums() {
        let read = |text: &str| {
            let query = parse(&format!("find a as a return {text}")).unwrap();
            let Some(Return::Items(mut items)) = query.returns else { panic!("columns") };
            items.remove(0).expression
        };

        for (short, long) in [
            ("a.x + a.y * a.z ^ 2 ^ 3", "a.x + (a.y * (a.z ^ (2 ^ 3)))"),
            ("1 - 2 - 3 + a.x", "((1 - 2) - 3) + a.x"),
            ("1 - (2 - 3)", "(1) - (2 - (3))"),
            ("1 / 2 / (3 * a.x) * 4", "((1 / 2) / (3 * a.x)) * 4"),
            ("(1 ^ 2) ^ 3", "((1 ^ 2)) ^ 3"),
            ("(1 + 2) * -3", "((1 + 2)) * (-3)"),
            ("-a.x ^ 2", "(-(a.x)) ^ 2"),
            ("-(a.x ^ 2)", "-((a.x ^ 2))"),
            ("-(5) - -5", "(-(5)) - (-5)"),
            ("- -a.x * - -5", "(-(-a.x)) * (-(-5))"),
            ("a.x ^ -a.y", "a.x ^ (-(a.y))"),
            ("(date.now - 1 days) - a.x", "((date.now - 1 day)) - a.x"),
            ("a.x * (date.now) + 1", "(a.x * (date.now)) + 1"),
            ("-(date.now)", "-((date.now))"),
        ] {
            assert_eq!(read(short).to_string(), short);
            assert_eq!(read(long).to_string(), short, "{long}");
        }
    }
}
