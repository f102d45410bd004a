#![doc = include_str!("../README.md")]

mod access;
mod account_run;
mod api;
mod asking;
mod cli;
mod clock;
mod derive;
mod discovery;
mod due;
mod endpoint;
mod fan_out;
mod into_store;
mod lease;
mod links;
mod queue;
mod regions;
mod report;
mod rest;
mod selection;
mod service;
mod settings;
mod system;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: the same program is also the helper that runs the private PostgreSQL server.
    orgraph_embedded::run_helper_if_asked();
    cli::main()
}
