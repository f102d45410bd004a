//! Answers as pictures, for every command that has one.

use std::io::{self, Write};

use clap::ValueEnum;
use orgraph_query::AnswerGraph;
use orgraph_query::render::{cytoscape, dot, graphml};

/// What a picture is written for.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Picture {
    /// Graphviz.
    Dot,
    /// yEd, Gephi and `NetworkX`.
    Graphml,
    /// Cytoscape.
    Cytoscape,
}

impl Picture {
    pub(super) fn write(self, graph: &AnswerGraph, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Dot => out.write_all(dot(graph).as_bytes()),
            Self::Graphml => writeln!(out, "{}", graphml(graph)?),
            Self::Cytoscape => writeln!(out, "{:#}", cytoscape(graph)),
        }
    }
}
