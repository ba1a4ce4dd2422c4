//! `nsw tighten`: the settings that can be closed while everybody still reaches whom he reaches, from
//! `nsw_lab::doctor::tighten`.

use nsw_lab::doctor::commands::{Direction, Recipe, recipes};
use nsw_lab::doctor::edit;
use nsw_lab::doctor::exposure::Widening;
use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::tighten::{Closing, Tightening};
use nsw_lab::messages::{Catalogue, Language};
use serde_json::{Value, json};

use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::trace::{read_lab_file, read_parsed};
use crate::cli::TightenArgs;

pub(crate) fn run(args: &TightenArgs, as_json: bool) -> Outcome {
    let parsed = read_parsed(&args.file)?;
    let text = read_lab_file(&args.file)?;
    let found = Tightening::of(&parsed.lab).map_err(Failure::new)?;
    let changes = found.changes();
    let file = args.file.to_string_lossy();
    let catalogue = Catalogue::new(Language::En);
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &parsed.locations };
    let patch = edit::apply(&text, &parsed.lab, &changes).map(|edited| edit::diff(&file, &text, &edited));
    let target = found.applied(&parsed.lab);
    let recipes = recipes(&changes, &target, args.platform, Direction::Do);
    if as_json {
        print_json(&tightening_json(&reporter, &found, patch.as_deref().ok(), &recipes))?;
    } else if changes.is_empty() {
        line(format_args!("nothing can be closed: {}", needed(&found)))?;
    } else {
        print(&reporter, &found)?;
        match &patch {
            Ok(patch) => line(format_args!("\n{}", patch.trim_end()))?,
            Err(error) => line(format_args!("\nno diff: {error}"))?,
        }
        recipes.iter().try_for_each(print_recipe)?;
    }
    Ok(if changes.is_empty() { Answer::Yes } else { Answer::No })
}

fn print(reporter: &Reporter<'_>, found: &Tightening) -> Result<(), Failure> {
    line("these can be closed, all together, and everybody still reaches whom he reaches now:\n")?;
    for (number, Closing { change, closes }) in (1..).zip(&found.closings) {
        line(format_args!("{number:>3}. {}", reporter.change(change)))?;
        line(format_args!("     by itself {}", in_words(closes)))?;
    }
    line(format_args!("\nall together {}", in_words(&found.together)))?;
    line(needed(found))
}

fn in_words(closes: &Widening) -> String {
    if closes.is_empty() {
        return "closes nothing that anybody could use now".to_owned();
    }
    format!(
        "closes {} pairs of a reader and whom it reads, {} of a sender and as whom, at worst",
        closes.read_pairs(),
        closes.sender_pairs()
    )
}

fn needed(found: &Tightening) -> String {
    match found.needed {
        0 => "no port group needs a setting at Accept".to_owned(),
        1 => "1 setting of a port group must stay at Accept".to_owned(),
        count => format!("{count} settings of port groups must stay at Accept"),
    }
}

fn print_recipe(Recipe { tool, on, lines }: &Recipe) -> Result<(), Failure> {
    match on {
        Some(host) => line(format_args!("\n{} on {host}", tool.name()))?,
        None => line(format_args!("\n{}", tool.name()))?,
    }
    lines.iter().try_for_each(|command| line(format_args!("  {command}")))
}

fn tightening_json(
    reporter: &Reporter<'_>,
    found: &Tightening,
    patch: Option<&str>,
    recipes: &[Recipe],
) -> Value {
    let closes = |closes: &Widening| json!({ "read-pairs": closes.read_pairs(), "sender-pairs": closes.sender_pairs() });
    let closing = |closing: &Closing| json!({ "change": reporter.change(&closing.change), "closes": closes(&closing.closes) });
    let recipe =
        |recipe: &Recipe| json!({ "tool": recipe.tool.name(), "on": recipe.on, "lines": recipe.lines });
    json!({
        "closings": found.closings.iter().map(closing).collect::<Vec<_>>(),
        "together": closes(&found.together),
        "needed": found.needed,
        "diff": patch,
        "commands": recipes.iter().map(recipe).collect::<Vec<_>>(),
    })
}
