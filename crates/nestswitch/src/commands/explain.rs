//! `nsw explain CODE`: the page of a reason, the same that stands in `docs/reasons/`, in Japanese in `docs/reasons/ja/`.

use nsw_core::Reason;
use nsw_lab::messages::{Catalogue, Language, Message};
use nsw_lab::sim::DeathCause;
use nsw_lab::spec::near;
use serde::Serialize;

use super::language::language;
use super::output::{Answer, Failure, Outcome, json, line};
use crate::cli::ExplainArgs;

macro_rules! pages {
    ($($cause:pat => $code:literal,)*) => {
        /// The page of a cause, in Markdown.
        const fn page(cause: DeathCause, language: Language) -> &'static str {
            match (cause, language) {
                $(
                    ($cause, Language::En) => include_str!(concat!("../../../../docs/reasons/", $code, ".md")),
                    ($cause, Language::Ja) => include_str!(concat!("../../../../docs/reasons/ja/", $code, ".md")),
                )*
            }
        }
    };
}

pages! {
    DeathCause::Reason(Reason::Malformed) => "MALFORMED",
    DeathCause::Reason(Reason::PortDown) => "PORT_DOWN",
    DeathCause::Reason(Reason::PortBlockedMacChange) => "PORT_BLOCKED_MAC_CHANGE",
    DeathCause::Reason(Reason::InvalidSource) => "INVALID_SOURCE",
    DeathCause::Reason(Reason::VlanMismatch) => "VLAN_MISMATCH",
    DeathCause::Reason(Reason::ForgedTransmit) => "FORGED_TRANSMIT",
    DeathCause::Reason(Reason::GuestBpdu) => "GUEST_BPDU",
    DeathCause::Reason(Reason::ReversePath) => "REVERSE_PATH",
    DeathCause::Reason(Reason::ReverseTeam) => "REVERSE_TEAM",
    DeathCause::Reason(Reason::DestNotRegistered) => "DEST_NOT_REGISTERED",
    DeathCause::Reason(Reason::PromiscuousNotGranted) => "PROMISCUOUS_NOT_GRANTED",
    DeathCause::Reason(Reason::GroupNotJoined) => "GROUP_NOT_JOINED",
    DeathCause::Reason(Reason::NoPortInVlan) => "NO_PORT_IN_VLAN",
    DeathCause::Reason(Reason::NoUplink) => "NO_UPLINK",
    DeathCause::Reason(Reason::Mtu) => "MTU",
    DeathCause::Reason(Reason::Hairpin) => "HAIRPIN",
    DeathCause::Reason(Reason::LinkLocal) => "LINK_LOCAL",
    DeathCause::Reason(Reason::MacLimit) => "MAC_LIMIT",
    DeathCause::Reason(Reason::ForgedReflection) => "FORGED_REFLECTION",
    DeathCause::Reason(Reason::Shaper) => "SHAPER",
    DeathCause::Reason(Reason::Beacon) => "BEACON",
    DeathCause::RegisteredElsewhere => "REGISTERED_ELSEWHERE",
    DeathCause::LearnedElsewhere => "LEARNED_ELSEWHERE",
    DeathCause::BackWhereItCameFrom => "BACK_WHERE_IT_CAME_FROM",
    DeathCause::NotForwarded => "NOT_FORWARDED",
    DeathCause::OtherAddress => "OTHER_ADDRESS",
    DeathCause::OtherVlan => "OTHER_VLAN",
    DeathCause::Storm => "STORM",
    DeathCause::NoPath => "NO_PATH",
    DeathCause::NoAnswer => "NO_ANSWER",
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    code: &'static str,
    /// `switch` or `beside-the-switch`.
    decided_by: &'static str,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
}

impl Entry {
    fn new(cause: DeathCause, catalogue: &Catalogue, page: Option<&'static str>) -> Self {
        let decided_by = if matches!(cause, DeathCause::Reason(_)) { "switch" } else { "beside-the-switch" };
        Self { code: cause.code(), decided_by, summary: catalogue.summary(cause), page }
    }
}

pub(crate) fn run(args: &ExplainArgs, as_json: bool) -> Outcome {
    let language = language(&args.speech);
    match &args.code {
        Some(code) => explain(code, language, as_json)?,
        None => list(language, as_json)?,
    }
    Ok(Answer::Yes)
}

fn explain(code: &str, language: Language, as_json: bool) -> Result<(), Failure> {
    let wanted = code.to_ascii_uppercase().replace('-', "_");
    let cause = DeathCause::from_code(&wanted).ok_or_else(|| {
        let hint = near(&wanted, all().map(DeathCause::code))
            .unwrap_or_else(|| "`nsw explain` lists all codes".to_owned());
        Failure::with_hint(format!("`{code}` is no reason code"), hint)
    })?;
    let page = page(cause, language);
    if as_json {
        json(&Entry::new(cause, &Catalogue::new(language), Some(page)))
    } else {
        line(page.trim_end())
    }
}

fn all() -> impl Iterator<Item = DeathCause> {
    let decided = Reason::ALL.iter().copied().map(DeathCause::Reason);
    decided.chain(DeathCause::BESIDE_THE_SWITCH)
}

fn list(language: Language, as_json: bool) -> Result<(), Failure> {
    let catalogue = Catalogue::new(language);
    if as_json {
        return json(&all().map(|cause| Entry::new(cause, &catalogue, None)).collect::<Vec<_>>());
    }
    let rows = |causes: &mut dyn Iterator<Item = DeathCause>| {
        let row = |cause: DeathCause| format!("  {:<24} {}", cause.code(), catalogue.summary(cause));
        causes.map(row).collect::<Vec<_>>().join("\n")
    };
    line(catalogue.say(&Message::ExplainOfASwitch {}))?;
    line(rows(&mut Reason::ALL.iter().copied().map(DeathCause::Reason)))?;
    line(format_args!("\n{}", catalogue.say(&Message::ExplainBesideTheSwitch {})))?;
    line(rows(&mut DeathCause::BESIDE_THE_SWITCH.into_iter()))?;
    line(format_args!("\n{}", catalogue.say(&Message::ExplainPrintsAPage {})))
}
