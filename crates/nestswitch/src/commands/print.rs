//! Documents that the program can print about itself: schema, API, completions, man pages.

use std::path::Path;

use clap::CommandFactory as _;

use super::output::{Answer, Failure, Outcome, line};
use crate::cli::{Cli, SchemaOf};

pub(crate) fn schema(of: SchemaOf) -> Outcome {
    let schema = match of {
        SchemaOf::Lab => nsw_lab::spec::schema_json(),
        SchemaOf::Exceptions => nsw_lab::doctor::audit::exceptions::schema_json(),
    };
    line(schema.trim_end())?;
    Ok(Answer::Yes)
}

pub(crate) fn openapi() -> Outcome {
    let document = crate::host::api::document();
    line(document.to_pretty_json()?)?;
    Ok(Answer::Yes)
}

pub(crate) fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut without_hidden(&Cli::command()), "nsw", &mut script);
    line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Answer::Yes)
}

/// The same commands without the hidden ones, which completions would offer.
fn without_hidden(command: &clap::Command) -> clap::Command {
    let named = clap::Command::new(command.get_name().to_owned());
    let described = match command.get_about() {
        Some(about) => named.about(about.clone()),
        None => named,
    };
    described
        .args(command.get_arguments())
        .subcommands(command.get_subcommands().filter(|inner| !inner.is_hide_set()).map(without_hidden))
}

pub(crate) fn man(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| Failure::new(format!("cannot write man pages to {}: {error}", folder.display())))?;
    Ok(Answer::Yes)
}
