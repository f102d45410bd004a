//! `orgraph catalog`: what is generated from the collectors' declarations.

use std::path::PathBuf;

use super::{DONE, FAILED};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Write policies, documentation and coverage pages below a folder.
    Write(Root),
    /// Say which generated files differ from what would be written.
    Check(Root),
}

#[derive(clap::Args)]
pub(crate) struct Root {
    /// The folder of the repository.
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

pub(crate) fn run(command: &Command) -> anyhow::Result<u8> {
    match command {
        Command::Write(root) => {
            let written = orgraph_catalog::write(&root.root)?;
            println!("{} files written", written.len());
            Ok(DONE)
        }
        Command::Check(root) => {
            let differences = orgraph_catalog::check(&root.root);
            for difference in &differences {
                println!("{difference}");
            }
            let it = orgraph_catalog::progress();
            let of = |(done, all): (usize, usize)| format!("{done}/{all}");
            println!("{} entity lines of the mission", of(it.entity_lines));
            println!("{} relationship lines of the mission", of(it.relationship_lines));
            println!("{} corrections of lines, with reasons", it.corrections);
            println!("{} types of the data model", of(it.types));
            println!("{} relationships of the data model", of(it.relationships));
            println!("{} generated files differ", differences.len());
            if differences.is_empty() {
                return Ok(DONE);
            }
            println!("run `orgraph catalog write`");
            Ok(FAILED)
        }
    }
}
