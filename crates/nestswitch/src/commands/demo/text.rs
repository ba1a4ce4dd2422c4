//! The demo as text.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use nsw_core::Reason;

use super::story::{BYSTANDER, DeathReport, PingOutcome, RoundReport};

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DIM: Style = Style::new().dimmed();

pub(super) fn opening(place: &str) -> String {
    format!(
        "{BOLD}Why can the VMs of a nested host not reach the outside?{BOLD:#}  ({place})

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

The vSwitch of physical knows the MAC address of nested-1, and has never heard of web01's.
"
    )
}

pub(super) fn round(number: usize, report: &RoundReport) -> String {
    let mut text = format!("{BOLD}{number}. {}{BOLD:#}\n", report.title);
    for ping in &report.pings {
        push_ping(&mut text, ping);
    }
    let _ =
        writeln!(text, "   {BYSTANDER} was given {} frames that were not for it", report.bystander_copies);
    text
}

fn push_ping(text: &mut String, ping: &PingOutcome) {
    let style = if ping.report.received == ping.report.sent { GOOD } else { BAD };
    let PingOutcome { from, to, report, .. } = ping;
    let _ = writeln!(
        text,
        "   {:<22} {style}{}{style:#}",
        format!("{from} -> {to}"),
        crate::commands::lab::describe(report)
    );
    for death in &ping.deaths {
        push_death(text, death);
    }
}

fn push_death(text: &mut String, death: &DeathReport) {
    let DeathReport { frame, sender, place, reason, count, .. } = death;
    let times = if *count == 1 { String::new() } else { format!(" ({count} times)") };
    // Nobody answers a question that did not arrive.
    if let Some(question) = frame.strip_suffix(" reply") {
        let _ = writeln!(text, "     the {question} request arrived");
    }
    let _ = writeln!(text, "     the {frame} of {sender} died at {place}{times}");
    let summary = Reason::from_code(reason).map_or("", Reason::summary);
    let _ = writeln!(text, "       {BAD}{reason}{BAD:#}: {summary}");
    if let Some(policy) = &death.policy {
        let _ = writeln!(text, "       {policy}");
    }
    for refused in &death.refused {
        let _ = writeln!(text, "       {refused}");
    }
}

pub(super) fn closing(rounds: &[RoundReport]) -> String {
    let copies = |number: usize| rounds.get(number).map_or(0, |round| round.bystander_copies);
    format!(
        "{BOLD}What this shows{BOLD:#}
  It takes two settings on the outer host, and both: forged transmits for what web01 sends, promiscuous mode for
  what is sent to it. MAC address changes stood at Reject while everything worked, and opening it alone cured nothing:
  the nested host's own adapter never changes its MAC address.
  Method 2 exposes fewer: a bystander on another port group was given {} foreign frames under method 1 and {} under it.
{DIM}  `nsw explain FORGED_TRANSMIT` explains a code; `nsw lab up examples/nested.yaml` gives you this lab.{DIM:#}",
        copies(1),
        copies(2)
    )
}
