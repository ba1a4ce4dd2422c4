//! `nsw tighten`: the settings that can be closed while everybody still reaches whom he reaches, from
//! `nsw_lab::doctor::tighten`.

use nsw_lab::doctor::commands::{Direction, Recipe, recipes};
use nsw_lab::doctor::edit;
use nsw_lab::doctor::exposure::Widening;
use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::tighten::{Closing, MEASURED, Tightening};
use nsw_lab::messages::{Catalogue, Message};
use serde_json::{Value, json};

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::patience::Patience;
use super::trace::{read_lab_file, read_parsed};
use crate::cli::TightenArgs;

pub(crate) fn run(args: &TightenArgs, as_json: bool) -> Outcome {
    let working = Patience::with("nsw tighten");
    let parsed = read_parsed(&args.file)?;
    let text = read_lab_file(&args.file)?;
    let found = Tightening::of(&parsed.lab).map_err(Failure::new)?;
    let changes = found.changes();
    let file = args.file.to_string_lossy();
    let catalogue = catalogue(&args.speech);
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &parsed.locations };
    let patch = edit::apply(&text, &parsed.lab, &changes).map(|edited| edit::diff(&file, &text, &edited));
    let target = found.applied(&parsed.lab);
    let recipes = recipes(&changes, &target, args.platform, Direction::Do);
    drop(working);
    if as_json {
        print_json(&tightening_json(&reporter, &found, patch.as_deref().ok(), &recipes))?;
    } else if changes.is_empty() {
        line(catalogue.say(&Message::TightenNone { needed: &needed(&catalogue, &found) }))?;
    } else {
        print(&reporter, &found)?;
        match &patch {
            Ok(patch) => line(format_args!("\n{}", patch.trim_end()))?,
            Err(error) => {
                let why = &error.to_string();
                line(format_args!("\n{}", catalogue.say(&Message::TightenNoDiff { why })))?;
            }
        }
        recipes.iter().try_for_each(|recipe| print_recipe(&catalogue, recipe))?;
    }
    Ok(if changes.is_empty() { Answer::Yes } else { Answer::No })
}

fn print(reporter: &Reporter<'_>, found: &Tightening) -> Result<(), Failure> {
    let words = reporter.catalogue;
    line(format_args!("{}\n", words.say(&Message::TightenTitle {})))?;
    for (number, Closing { change, closes, ports }) in (1..).zip(&found.closings) {
        line(format_args!("{number:>3}. {}", reporter.change(change)))?;
        let reads = &closes.as_ref().map_or(0, Widening::read_pairs);
        let sends = &closes.as_ref().map_or(0, Widening::sender_pairs);
        let by_itself = match closes {
            None => Message::TightenPorts { count: ports },
            Some(closes) if closes.is_empty() => Message::TightenByItselfNothing {},
            Some(_) => Message::TightenByItself { reads, sends },
        };
        line(format_args!("     {}", words.say(&by_itself)))?;
    }
    let reads = &found.together.as_ref().map_or(0, Widening::read_pairs);
    let sends = &found.together.as_ref().map_or(0, Widening::sender_pairs);
    let together = match &found.together {
        None => Message::TightenNotMeasured { limit: &MEASURED },
        Some(together) if together.is_empty() => Message::TightenTogetherNothing {},
        Some(_) => Message::TightenTogether { reads, sends },
    };
    line(format_args!("\n{}", words.say(&together)))?;
    line(needed(words, found))
}

fn needed(words: &Catalogue, found: &Tightening) -> String {
    words.say(&Message::TightenNeeded { count: &found.needed })
}

fn print_recipe(words: &Catalogue, Recipe { tool, on, lines }: &Recipe) -> Result<(), Failure> {
    let tool = &tool.name();
    let head = match on {
        Some(host) => words.say(&Message::RecipeOn { tool, host }),
        None => words.say(&Message::Recipe { tool }),
    };
    line(format_args!("\n{head}"))?;
    lines.iter().try_for_each(|command| line(format_args!("  {command}")))
}

fn tightening_json(
    reporter: &Reporter<'_>,
    found: &Tightening,
    patch: Option<&str>,
    recipes: &[Recipe],
) -> Value {
    // Null in a lab that is too large to measure it.
    let closes = |closes: &Option<Widening>| {
        closes
            .as_ref()
            .map(|closes| json!({ "read-pairs": closes.read_pairs(), "sender-pairs": closes.sender_pairs() }))
    };
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
