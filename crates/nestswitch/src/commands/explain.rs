//! `nsw explain CODE`: the page of a drop reason, the same that stands in `docs/reasons/`.

use nsw_core::Reason;
use serde::Serialize;

use super::output::{Answer, Failure, Outcome, json, line};
use crate::cli::ExplainArgs;

macro_rules! pages {
    ($($reason:ident => $code:literal,)*) => {
        /// The page of a reason, in Markdown.
        const fn page(reason: Reason) -> &'static str {
            match reason {
                $(Reason::$reason => include_str!(concat!("../../../../docs/reasons/", $code, ".md")),)*
            }
        }
    };
}

pages! {
    Malformed => "MALFORMED",
    PortDown => "PORT_DOWN",
    PortBlockedMacChange => "PORT_BLOCKED_MAC_CHANGE",
    InvalidSource => "INVALID_SOURCE",
    VlanMismatch => "VLAN_MISMATCH",
    ForgedTransmit => "FORGED_TRANSMIT",
    GuestBpdu => "GUEST_BPDU",
    ReversePath => "REVERSE_PATH",
    ReverseTeam => "REVERSE_TEAM",
    DestNotRegistered => "DEST_NOT_REGISTERED",
    PromiscuousNotGranted => "PROMISCUOUS_NOT_GRANTED",
    GroupNotJoined => "GROUP_NOT_JOINED",
    NoPortInVlan => "NO_PORT_IN_VLAN",
    NoUplink => "NO_UPLINK",
    Mtu => "MTU",
    Hairpin => "HAIRPIN",
    LinkLocal => "LINK_LOCAL",
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    summary: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

pub(crate) fn run(args: &ExplainArgs, as_json: bool) -> Outcome {
    match &args.code {
        Some(code) => explain(code, as_json)?,
        None => list(as_json)?,
    }
    Ok(Answer::Yes)
}

fn explain(code: &str, as_json: bool) -> Result<(), Failure> {
    let wanted = code.to_ascii_uppercase().replace('-', "_");
    let reason = Reason::from_code(&wanted).ok_or_else(|| {
        Failure::with_hint(format!("`{code}` is no reason code"), "`nsw explain` lists all codes")
    })?;
    let entry = Entry { code: reason.code(), summary: reason.summary(), page: Some(page(reason)) };
    if as_json { json(&entry) } else { line(page(reason).trim_end()) }
}

fn list(as_json: bool) -> Result<(), Failure> {
    let entries: Vec<Entry> = Reason::ALL
        .iter()
        .map(|reason| Entry { code: reason.code(), summary: reason.summary(), page: None })
        .collect();
    if as_json {
        return json(&entries);
    }
    entries.iter().try_for_each(|entry| line(format_args!("{:<24} {}", entry.code, entry.summary)))
}
