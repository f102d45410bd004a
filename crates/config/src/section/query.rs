use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::tree::Place;

/// How the graph is asked, on the command line and over HTTP.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [query]")]
pub struct Query {
    /// Folder with questions of your own: every file in it that ends with `.toml`, in the format of the library that
    /// is shipped. `orgraph query list`, `show` and `run` know them beside the others. It is read with every command.
    #[schemars(extend("x-example" = "/etc/orgraph/questions"))]
    pub library: Option<PathBuf>,
    /// Memory that the graph may take, in MiB, while paths are looked for. The daemon holds it once, however many ask, and
    /// for a minute; a graph that needs more is refused. A million entities with three and a half million relationships
    /// take about 230 MB.
    pub max_graph_mib: u32,
}

impl Default for Query {
    fn default() -> Query {
        Query { library: None, max_graph_mib: 2048 }
    }
}

impl Query {
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        if let Some(path) = self.library.take().map(|it| review.folder.join(it)) {
            if let Err(error) = std::fs::read_dir(&path) {
                let message = format!("{} cannot be read: {error}", path.display());
                review.problem(&place.key("library"), message, "write the path of a folder with questions");
            }
            self.library = Some(path);
        }
        if self.max_graph_mib == 0 {
            let message = "no graph fits into no memory";
            review.problem(&place.key("max_graph_mib"), message, "write for instance max_graph_mib = 2048");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::parse;

    fn problems(section: &str) -> String {
        let text = format!(
            "[[account]]\nid = \"111111111111\"\nrole_arn = \"arn:aws:iam::111111111111:role/r\"\nexternal_id_env = \"X\"\n{section}"
        );
        match parse("orgraph.toml", &text, &[], &|_| Some("0f3c1d2e".to_owned())) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }

    #[test]
    fn a_folder_that_is_not_there_and_no_memory_are_mistakes() {
        let said = problems("[query]\nlibrary = \"no-such-folder\"\nmax_graph_mib = 0\n");

        assert!(said.contains("no-such-folder cannot be read"), "{said}");
        assert!(said.contains("no graph fits"), "{said}");
        assert_eq!(problems("[query]\n"), "");
    }
}
