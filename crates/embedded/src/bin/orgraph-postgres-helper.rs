//! A daemon in miniature, for tests: `serve STATE_DIR` starts a server, prints its address and runs until its
//! standard input ends; started by that server, it is the helper.

use orgraph_embedded::{EmbeddedError, Server, Settings, run_helper_if_asked};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    run_helper_if_asked();
    let mut arguments = std::env::args_os().skip(1);
    let (Some(verb), Some(state_dir)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: orgraph-postgres-helper serve STATE_DIR");
        return ExitCode::from(2);
    };
    if verb != "serve" {
        eprintln!("usage: orgraph-postgres-helper serve STATE_DIR");
        return ExitCode::from(2);
    }
    match serve(Settings::new(state_dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(settings: Settings) -> Result<(), EmbeddedError> {
    let server = Server::start(settings).await?;
    let mut stdout = std::io::stdout().lock();
    drop(writeln!(stdout, "{}", server.url()).and_then(|()| stdout.flush()));
    drop(stdout);
    drop(tokio::io::copy(&mut tokio::io::stdin(), &mut tokio::io::sink()).await);
    server.stop().await
}
