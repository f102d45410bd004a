//! What stands after `WITH` and `WHERE`.

use super::super::ast::{Comparison, Condition, List, Operand, Operator, Property, Spanned};
use super::super::diagnose::Diagnostic;
use super::super::lexer::Kind;
use super::{Parsed, Parser, is_keyword};

impl Parser<'_> {
    /// `OR` over `AND` over comparisons. `with_alias` tells `WHERE`, where properties belong to a name, from `WITH`.
    pub(super) fn condition(&mut self, with_alias: bool) -> Parsed<Condition> {
        let first = self.condition_atom(with_alias)?;
        self.condition_after(first, with_alias)
    }

    /// The rest of a condition whose first part is known.
    pub(super) fn condition_after(&mut self, first: Condition, with_alias: bool) -> Parsed<Condition> {
        let mut alternatives = Vec::new();
        let mut together = vec![first];
        loop {
            if self.keyword("AND") {
                together.push(self.condition_atom(with_alias)?);
            } else if self.keyword("OR") {
                alternatives.push(one_or(together, Condition::And));
                together = vec![self.condition_atom(with_alias)?];
            } else {
                alternatives.push(one_or(together, Condition::And));
                return Ok(one_or(alternatives, Condition::Or));
            }
        }
    }

    fn condition_atom(&mut self, with_alias: bool) -> Parsed<Condition> {
        if !self.sign("(") {
            return Ok(Condition::Compare(self.comparison(with_alias)?));
        }
        self.descend()?;
        let inner = self.condition(with_alias)?;
        if !self.sign(")") {
            return Err(self.unexpected(&["`AND`", "`OR`", "`)`"]));
        }
        self.depth -= 1;
        Ok(inner)
    }

    fn comparison(&mut self, with_alias: bool) -> Parsed<Comparison> {
        self.count_part()?;
        let property = self.property(with_alias)?;
        let operator = self.operator()?;
        let operand = self.operand(with_alias)?;
        Ok(Comparison { property, operator, operand })
    }

    fn operator(&mut self) -> Parsed<Spanned<Operator>> {
        if let Kind::Sign(sign) = self.kind()
            && let Some(operator) = Operator::ALL.into_iter().find(|it| it.as_str() == *sign)
        {
            return Ok(Spanned::new(operator, self.next()));
        }
        let hint = match self.kind() {
            Kind::Word(word) if word.eq_ignore_ascii_case("in") => "write `= ('a' OR 'b')`",
            Kind::Word(word) if word.eq_ignore_ascii_case("like") => "write `~= 'part'`",
            Kind::Word(word) if word.eq_ignore_ascii_case("is") => "write `= undefined` or `= null`",
            Kind::Sign("-" | ":" | "@" | "/") => {
                "write a name with such characters in brackets: `[tag.cost-center]`"
            }
            _ => return Err(self.unexpected(&["an operator such as `=`, `!=`, `<`, `>=`, `~=`, `^=`, `$=`"])),
        };
        let message = format!("{} does not compare; {hint}", self.kind().shown());
        Err(Diagnostic::at(self.text, self.span(), message))
    }

    fn operand(&mut self, with_alias: bool) -> Parsed<Operand> {
        match self.kind() {
            Kind::Sign("(") => {
                self.next();
                let list = self.list()?;
                self.require(")")?;
                Ok(Operand::List(list))
            }
            Kind::Word(word) if with_alias && !is_keyword(word) => {
                Ok(Operand::Property(self.property(true)?))
            }
            _ => Ok(Operand::Value(self.literal()?)),
        }
    }

    /// `'a' OR 'b' AND 'c'`, in parentheses or not.
    fn list(&mut self) -> Parsed<List> {
        self.descend()?;
        let mut alternatives = Vec::new();
        let mut together = vec![self.list_atom()?];
        loop {
            if self.keyword("AND") {
                together.push(self.list_atom()?);
            } else if self.keyword("OR") {
                alternatives.push(one_or(together, List::And));
                together = vec![self.list_atom()?];
            } else if *self.kind() == Kind::Sign(",") || *self.kind() == Kind::Sign("|") {
                return Err(self.unexpected(&["`OR`", "`AND`", "`)`"]));
            } else {
                self.depth -= 1;
                alternatives.push(one_or(together, List::And));
                return Ok(one_or(alternatives, List::Or));
            }
        }
    }

    fn list_atom(&mut self) -> Parsed<List> {
        self.count_part()?;
        if self.sign("(") {
            let inner = self.list()?;
            self.require(")")?;
            return Ok(inner);
        }
        Ok(List::Value(self.literal()?))
    }

    /// `tag.Owner`, `[tag.cost-center]`, and with a name before it where `with_alias`.
    pub(super) fn property(&mut self, with_alias: bool) -> Parsed<Property> {
        let alias = if with_alias {
            let alias = self.name("a name and a property such as `host.state`", &[])?;
            if !self.sign(".") {
                let shown = Self::clipped(&alias.node);
                let message = format!("`{shown}` is compared, but only properties can be");
                return Err(Diagnostic::at(self.text, alias.span, message)
                    .expecting(&["a name given with `AS` and a property, such as `host.state`"]));
            }
            Some(alias)
        } else {
            None
        };
        Ok(Property { alias, name: self.property_name()? })
    }

    pub(super) fn property_name(&mut self) -> Parsed<Spanned<String>> {
        let start = self.span();
        let mut name = String::new();
        loop {
            match self.kind() {
                Kind::Word(part) | Kind::Bracketed(part) => name.push_str(part),
                _ => return Err(self.unexpected(&["the name of a property"])),
            }
            self.next();
            if !self.sign(".") {
                return Ok(Spanned::new(name, start.to(self.previous())));
            }
            name.push('.');
        }
    }
}

/// The only one, or all of them together.
fn one_or<T>(mut parts: Vec<T>, together: impl FnOnce(Vec<T>) -> T) -> T {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            together(parts)
        }
        None => together(parts),
    }
}
