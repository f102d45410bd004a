//! The statement around the ways: what comes back, in which order, how much of it.

use super::super::ast::{Expression, Item, Literal, Order, Query, Return};
use super::super::diagnose::Diagnostic;
use super::expression::{Leaf, has_figure};
use super::field::{self, Field, Owner};
use super::names::Binding;
use super::reach::Reach;
use super::{Column, ColumnKind, Compiler, Limit, Place, Shape};

/// How a column is sorted by.
enum Sorting {
    /// By the returned column of this number.
    Column(usize),
    /// By a value of its own.
    Own,
}

impl Compiler<'_> {
    pub(super) fn select(
        &mut self,
        query: &Query,
    ) -> Result<(Shape, Vec<Column>, Option<Limit>), Diagnostic> {
        let limit = match (&query.limit, self.options.default_limit) {
            (Some(limit), _) => Some(Limit { rows: limit.node, is_given: true }),
            (None, default) => default.map(|rows| Limit { rows, is_given: false }),
        };
        let (shape, columns) = match &query.returns {
            None => (Shape::Entities, self.entities(query, limit)?),
            Some(Return::Tree) => (Shape::Tree, self.tree(query, limit)?),
            Some(Return::Items(items)) => (Shape::Rows, self.rows(query, items, limit)?),
        };
        Ok((shape, columns, limit))
    }

    /// The entities that the question begins with, and those at the ends of optional parts, each once.
    fn entities(&mut self, query: &Query, limit: Option<Limit>) -> Result<Vec<Column>, Diagnostic> {
        if query.unique {
            let message = "`UNIQUE` goes with `RETURN`; without it entities come once in any case";
            return Err(Diagnostic::at(self.text, query.start.span.0, message));
        }
        let plan = self.plan;
        let n = if let [way] = plan.ways.as_slice() {
            let mut place = self.place(way);
            place.spared = self.spared_of_way(query, way, |it| it == 0);
            self.sql.put("SELECT ");
            field::entity_object(&mut self.sql, place.start);
            self.sql.put(" AS c0 FROM ");
            self.entity_source(place.start);
            self.sql.put(" WHERE true");
            self.selector_conditions(0, place.start)?;
            if way.chain.hops.is_empty() {
                self.chain_conditions(&way.chain, 0, &place)?;
                self.filter(query, &place)?;
            } else {
                self.sql.put(" AND EXISTS (SELECT");
                self.rest_of_way(query, way, &place)?;
                self.sql.put(")");
            }
            place.start
        } else {
            let n = self.fresh();
            self.sql.put("SELECT ");
            field::entity_object(&mut self.sql, n);
            self.sql.put(" AS c0 FROM ");
            self.entity_source(n);
            self.sql.numbered(" WHERE n", n).put("._id IN (");
            let mut before = "";
            for way in &plan.ways {
                for end in std::iter::once(0).chain(way.ends.iter().copied()) {
                    let mut place = self.place(way);
                    place.spared = self.spared_of_way(query, way, |it| it == way.entity_at(end));
                    let id = Self::positions(way, &place)[end];
                    self.sql.put(before).numbered("SELECT n", id).put("._id");
                    self.way(query, way, &place)?;
                    before = " UNION ALL ";
                }
            }
            self.sql.put(")");
            n
        };
        self.order_of_entities(query, n)?;
        self.cut(query, limit);
        Ok(vec![Column { name: "entity".to_owned(), kind: ColumnKind::Entity }])
    }

    fn order_of_entities(&mut self, query: &Query, n: usize) -> Result<(), Diagnostic> {
        let mut before = " ORDER BY ";
        for order in &query.order {
            let value = match &order.by {
                Expression::Property(property) => match &property.alias {
                    Some(alias) => Some((self.names.find(&alias.node, alias.span, self.text)?, property)),
                    None => None,
                },
                _ => None,
            };
            let Some((Binding::Entity(0), property)) = value else {
                let message = "without `RETURN` only properties of the first entities give an order";
                return Err(Diagnostic::at(self.text, order.span.0, message));
            };
            let field = self.field(Binding::Entity(0), property)?;
            self.sql.put(before).put("nullif(");
            field::value(&mut self.sql, Owner::Entity(n), &field);
            self.sql.put(", 'null'::jsonb)").put(direction(order));
            before = ", ";
        }
        if !query.order.is_empty() || query.skip.is_some() {
            self.sql.put(before).numbered("n", n).put("._key COLLATE \"C\"");
        }
        Ok(())
    }

    /// All that was walked through.
    fn tree(&mut self, query: &Query, limit: Option<Limit>) -> Result<Vec<Column>, Diagnostic> {
        if let Some(order) = query.order.first() {
            return Err(Diagnostic::at(self.text, order.span.0, "a tree has no order"));
        }
        let plan = self.plan;
        self.sql.put("WITH way AS MATERIALIZED (SELECT p.nodes, p.edges FROM (");
        for (at, way) in plan.ways.iter().enumerate() {
            let place = self.place(way);
            self.sql.put(if at == 0 { "SELECT ARRAY[" } else { " UNION ALL SELECT ARRAY[" });
            for (at, n) in Self::positions(way, &place).into_iter().enumerate() {
                self.sql.put(if at == 0 { "" } else { ", " }).numbered("n", n).put("._id");
            }
            self.sql.put("] AS nodes, jsonb_build_array(");
            for (at, hop) in way.chain.hops.iter().enumerate() {
                self.sql.put(if at == 0 { "" } else { ", " });
                field::relationship_object(&mut self.sql, place.relationships[hop]);
            }
            self.sql.put(") AS edges");
            self.way(query, way, &place)?;
        }
        self.sql.put(") AS p");
        if query.skip.is_some() {
            self.sql.put(" ORDER BY p.nodes, p.edges");
        }
        self.cut(query, limit);
        let n = self.fresh();
        self.sql.put(") SELECT to_jsonb('entity'::text) AS c0, ");
        field::entity_object(&mut self.sql, n);
        self.sql.put(" AS c1 FROM ");
        self.entity_source(n);
        self.sql
            .numbered(" WHERE n", n)
            .put("._id IN (SELECT unnest(w.nodes) FROM way AS w)")
            .put(" UNION ALL SELECT to_jsonb('relationship'::text), r.edge")
            .put(" FROM (SELECT DISTINCT jsonb_array_elements(w.edges) AS edge FROM way AS w) AS r");
        let column = |name: &str, kind| Column { name: name.to_owned(), kind };
        Ok(vec![column("kind", ColumnKind::Value), column("value", ColumnKind::Value)])
    }

    /// A table. Figures are over groups of rows that are alike in the columns without figures.
    fn rows(
        &mut self,
        query: &Query,
        items: &[Item],
        limit: Option<Limit>,
    ) -> Result<Vec<Column>, Diagnostic> {
        let columns = items.iter().map(|item| self.described(item)).collect::<Result<Vec<_>, _>>()?;
        let is_grouped = items.iter().any(|it| has_figure(&it.expression));
        self.sql.put("SELECT ");
        for at in 0..items.len() {
            self.sql.put(if at == 0 { "" } else { ", " }).numbered("q.c", at);
        }
        let reach = self.foreseen_reach(query, items)?;
        // What is reached is there once, and so is its key.
        let is_once = reach.is_some() && items.iter().any(|it| tells_apart(&it.expression));
        self.sql.put(if query.unique && !is_once { " FROM (SELECT DISTINCT " } else { " FROM (SELECT " });
        for (at, item) in items.iter().enumerate() {
            self.sql.put(if at == 0 { "" } else { ", " });
            self.column(&item.expression, item.span.0)?;
            self.sql.numbered(" AS c", at);
        }
        let mut sortings = Vec::new();
        for (at, order) in query.order.iter().enumerate() {
            let sorting = self.sorting(query, items, &columns, is_grouped, order)?;
            if let Sorting::Own = sorting {
                self.sql.put(", ");
                self.column(&order.by, order.span.0)?;
                self.sql.numbered(" AS o", at);
            }
            sortings.push((sorting, order));
        }
        let is_sorted = !query.order.is_empty() || query.skip.is_some();
        let has_own_tie = is_sorted && !is_grouped && !query.unique;
        if has_own_tie {
            let at = self.leaves.iter().position(|it| *it == Leaf::Identity(Binding::Entity(0)));
            let at = at.unwrap_or_else(|| {
                self.leaves.push(Leaf::Identity(Binding::Entity(0)));
                self.leaves.len() - 1
            });
            self.sql.put(", ").numbered("p.v", at).put(" AS tie");
        }
        self.sql.put(" FROM (");
        match reach {
            Some(reach) => self.leaves_of_reached(&reach)?,
            None => self.leaves_of_all_ways(query)?,
        }
        self.sql.put(") AS p");
        if is_grouped {
            let mut before = " GROUP BY ";
            for (at, _) in items.iter().enumerate().filter(|it| !has_figure(&it.1.expression)) {
                self.sql.put(before).numbered("", at + 1);
                before = ", ";
            }
        }
        self.sql.put(") AS q");
        let mut before = " ORDER BY ";
        for (at, (sorting, order)) in sortings.into_iter().enumerate() {
            self.sql.put(before).put("nullif(");
            match sorting {
                Sorting::Column(column) => self.sql.numbered("q.c", column),
                Sorting::Own => self.sql.numbered("q.o", at),
            };
            self.sql.put(", 'null'::jsonb)").put(direction(order));
            before = ", ";
        }
        if has_own_tie {
            self.sql.put(before).put("q.tie");
        } else if is_sorted {
            for at in 0..items.len() {
                self.sql.put(before).numbered("q.c", at);
                before = ", ";
            }
        }
        self.cut(query, limit);
        Ok(columns)
    }

    /// What the columns need, found out before they are written, and whether it can be reached.
    fn foreseen_reach(&mut self, query: &Query, items: &[Item]) -> Result<Option<Reach>, Diagnostic> {
        if !query.unique {
            return Ok(None);
        }
        let sql = std::mem::take(&mut self.sql);
        for item in items {
            self.column(&item.expression, item.span.0)?;
        }
        self.sql = sql;
        Ok(self.reach(query, items))
    }

    fn described(&self, item: &Item) -> Result<Column, Diagnostic> {
        let written = || item.expression.to_string();
        let name = item.name.as_ref().map_or_else(written, |it| it.node.clone());
        let kind = match &item.expression {
            Expression::Alias(alias) => match self.names.find(&alias.node, alias.span, self.text)? {
                Binding::Relationship(_) => ColumnKind::Relationship,
                Binding::Entity(_) | Binding::Arrival(_) => ColumnKind::Entity,
            },
            Expression::All(alias) => {
                if let Some(name) = &item.name {
                    let message = format!("`{}.*` is several columns and cannot have one name", alias.node);
                    return Err(Diagnostic::at(self.text, name.span, message));
                }
                ColumnKind::All
            }
            _ => ColumnKind::Value,
        };
        Ok(Column { name, kind })
    }

    fn sorting(
        &self,
        query: &Query,
        items: &[Item],
        columns: &[Column],
        is_grouped: bool,
        order: &Order,
    ) -> Result<Sorting, Diagnostic> {
        let named = match &order.by {
            Expression::Alias(name) => Some(&name.node),
            Expression::Value(value) => match &value.node {
                Literal::Text(name) => Some(name),
                _ => None,
            },
            _ => None,
        };
        let by_name = named.and_then(|name| columns.iter().position(|it| it.name == *name));
        let by_expression = || items.iter().position(|it| it.expression == order.by);
        if let Some(column) = by_name.or_else(by_expression) {
            return Ok(Sorting::Column(column));
        }
        if query.unique || (is_grouped && !has_figure(&order.by)) || (!is_grouped && has_figure(&order.by)) {
            let why = if query.unique { "`UNIQUE`" } else { "a figure such as `count`" };
            let message = format!("with {why} only what is returned gives an order");
            return Err(Diagnostic::at(self.text, order.span.0, message));
        }
        if let Expression::Alias(alias) | Expression::All(alias) = &order.by {
            self.names.find(&alias.node, alias.span, self.text)?;
            let message = format!("`{}` is not a value and gives no order", alias.node);
            return Err(
                Diagnostic::at(self.text, order.span.0, message).expecting(&["one of its properties"])
            );
        }
        Ok(Sorting::Own)
    }

    /// What the columns need, from every way the question can go.
    fn leaves_of_all_ways(&mut self, query: &Query) -> Result<(), Diagnostic> {
        let plan = self.plan;
        for (at, way) in plan.ways.iter().enumerate() {
            let mut place = self.place(way);
            let is_named = |entity: usize| {
                self.leaves.iter().any(|leaf| match leaf.binding() {
                    Binding::Entity(number) => number == entity,
                    Binding::Arrival(number) => {
                        way.arrivals.get(&number).is_some_and(|it| way.entity_at(*it) == entity)
                    }
                    Binding::Relationship(_) => false,
                })
            };
            place.spared = self.spared_of_way(query, way, is_named);
            self.sql.put(if at == 0 { "SELECT " } else { " UNION ALL SELECT " });
            self.leaves_of_way(&place);
            self.way(query, way, &place)?;
        }
        Ok(())
    }

    /// The same where what can be reached is enough.
    fn leaves_of_reached(&mut self, reach: &Reach) -> Result<(), Diagnostic> {
        let plan = self.plan;
        let place = self.place(&plan.ways[0]);
        self.sql.put("SELECT ");
        self.leaves_of_way(&place);
        self.way_of_reached(reach, &place)
    }

    fn leaves_of_way(&mut self, place: &Place) {
        for (at, leaf) in self.leaves.clone().iter().enumerate() {
            self.sql.put(if at == 0 { "" } else { ", " });
            self.leaf_of_way(leaf, place);
            self.sql.numbered(" AS v", at);
        }
    }

    fn leaf_of_way(&mut self, leaf: &Leaf, place: &Place) {
        match leaf {
            Leaf::Value(binding, field) => field::value(&mut self.sql, place.owner(*binding), field),
            Leaf::Object(binding) => match place.owner(*binding) {
                Owner::Entity(n) => field::entity_object(&mut self.sql, n),
                Owner::Relationship(s) => field::relationship_object(&mut self.sql, s),
                Owner::Nobody => field::value(&mut self.sql, Owner::Nobody, &Field::Nothing),
            },
            Leaf::Identity(binding) => match place.owner(*binding) {
                Owner::Entity(n) => {
                    self.sql.numbered("n", n).put("._id::text");
                }
                Owner::Relationship(s) => {
                    self.sql.put("(");
                    for (column, with) in [
                        (".from_id::text", " || "),
                        (".rel_type::text", " || "),
                        (".to_id::text", " || "),
                        (".discriminator", ")"),
                    ] {
                        self.sql.numbered("s", s).put(column).put(with);
                    }
                }
                Owner::Nobody => {
                    self.sql.put("NULL::text");
                }
            },
        }
    }

    /// `SKIP` and `LIMIT`.
    fn cut(&mut self, query: &Query, limit: Option<Limit>) {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        if let Some(limit) = limit {
            self.sql.put(" LIMIT ").whole(whole(limit.rows));
        }
        if let Some(skip) = &query.skip {
            self.sql.put(" OFFSET ").whole(whole(skip.node));
        }
    }
}

/// Whether no two entities have the same value of it.
fn tells_apart(expression: &Expression) -> bool {
    match expression {
        Expression::Alias(_) | Expression::All(_) => true,
        Expression::Property(property) => matches!(property.name.node.as_str(), "_id" | "_key"),
        _ => false,
    }
}

fn direction(order: &Order) -> &'static str {
    if order.descending { " DESC NULLS LAST" } else { " ASC NULLS LAST" }
}
