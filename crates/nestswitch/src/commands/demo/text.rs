//! The demo as text.

use anstyle::{AnsiColor, Style};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::sim::DeathCause;

use super::story::{self, BYSTANDER, DeathReport, PingOutcome, RoundReport};
use crate::commands::lab::describe;

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DIM: Style = Style::new().dimmed();

const PICTURE: &str = "
  office ---- laptop 192.168.10.50
    |
    | vmnic0
  +-physical-------------------------------------------------------------+
  | vSwitch0                                                             |
  |   VM Network: app01, app02, sniffer        Nested: nested-1          |
  |                                                       | vmnic0       |
  |                      +-nested-1-----------------------+------------+ |
  |                      | vSwitch0                                    | |
  |                      |   VM Network: web01 192.168.10.31, web02    | |
  |                      +---------------------------------------------+ |
  +----------------------------------------------------------------------+
";

pub(super) fn opening(words: &Catalogue, place: &Message<'_>) -> String {
    let (title, place) = (words.say(&Message::DemoTitle {}), words.say(place));
    let opening = words.say(&Message::DemoOpening {});
    format!("{BOLD}{title}{BOLD:#}  ({place})\n{PICTURE}\n{opening}\n")
}

pub(super) fn round(words: &Catalogue, number: usize, report: &RoundReport) -> String {
    let mut text = format!("{BOLD}{number}. {}{BOLD:#}\n", words.say(&report.title));
    for ping in &report.pings {
        push_ping(words, &mut text, ping);
    }
    let copies = &report.bystander_copies;
    push(&mut text, 3, &words.say(&Message::DemoCopies { name: &BYSTANDER, count: copies }));
    text
}

fn push_ping(words: &Catalogue, text: &mut String, ping: &PingOutcome) {
    let style = if ping.report.received == ping.report.sent { GOOD } else { BAD };
    let PingOutcome { from, to, report, .. } = ping;
    let replies = describe(words, report);
    push(text, 3, &format!("{:<22} {style}{replies}{style:#}", format!("{from} -> {to}")));
    for death in &ping.deaths {
        push_death(words, text, death);
    }
}

fn push_death(words: &Catalogue, text: &mut String, death: &DeathReport) {
    let DeathReport { frame, sender, place, reason, count, .. } = death;
    // Nobody answers a question that did not arrive.
    if let Some(question) = frame.strip_suffix(" reply") {
        let frame = &words.frame_called(&format!("{question} request"));
        push(text, 5, &words.say(&Message::DemoArrived { frame }));
    }
    let (frame, place) = (&words.frame_called(frame), &story::place(words, place));
    let died = match count {
        1 => words.say(&Message::DemoDied { frame, sender, place }),
        _ => words.say(&Message::DemoDiedTimes { frame, sender, place, count }),
    };
    push(text, 5, &died);
    let summary = DeathCause::from_code(reason).map(|cause| words.summary(cause)).unwrap_or_default();
    push(text, 7, &format!("{BAD}{reason}{BAD:#}: {summary}"));
    if let Some(policy) = &death.policy {
        push(text, 7, &words.policy_called(policy));
    }
    for refused in &death.refused {
        let [said, policy] = refused.tell(words);
        push(text, 7, &said);
        push(text, 9, &policy);
    }
}

pub(super) fn closing(words: &Catalogue, rounds: &[RoundReport]) -> String {
    let copies = |number: usize| rounds.get(number).map_or(0, |round| round.bystander_copies);
    let mut text = format!("{BOLD}{}{BOLD:#}\n", words.say(&Message::DemoShows {}));
    push(&mut text, 2, &words.say(&Message::DemoTwoSettings {}));
    push(&mut text, 2, &words.say(&Message::DemoExposes { first: &copies(1), second: &copies(2) }));
    format!("{text}{DIM}  {}{DIM:#}", words.say(&Message::DemoNext {}))
}

/// The lines of `said`, each indented by so much.
fn push(text: &mut String, indent: usize, said: &str) {
    for line in said.lines() {
        text.extend(std::iter::repeat_n(' ', indent));
        text.push_str(line);
        text.push('\n');
    }
}
