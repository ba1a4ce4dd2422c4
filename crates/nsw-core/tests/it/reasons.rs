//! Every reason occurs in a test: a code that nothing can produce is a promise that nobody keeps.

use nsw_core::Reason;

/// The files whose expected texts show reasons.
const EXPECTED_TEXTS: &[&str] = &[
    include_str!("guard.rs"),
    include_str!("ingress.rs"),
    include_str!("inheritance.rs"),
    include_str!("learn.rs"),
    include_str!("mac_change.rs"),
    include_str!("receivers.rs"),
    include_str!("reflect.rs"),
    include_str!("shaper.rs"),
    include_str!("source.rs"),
    include_str!("team_time.rs"),
    include_str!("teaming.rs"),
    include_str!("uplink.rs"),
    include_str!("vlan.rs"),
];

/// Reasons that are not given by `decide`, and who gives them.
const ELSEWHERE: &[(Reason, &str)] =
    &[(Reason::Malformed, "whoever has bytes that `Frame::parse` does not accept")];

#[test]
fn every_reason_drops_a_frame_or_refuses_a_copy_in_some_example() {
    for reason in Reason::ALL {
        let shown = |text: &&&str| {
            text.contains(&format!("drop {reason}: ")) || text.contains(&format!(": {reason} ("))
        };
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == reason);
        let occurs = EXPECTED_TEXTS.iter().any(|text| shown(&text));
        assert!(occurs != elsewhere, "{reason} must occur in an example or be listed as given elsewhere");
    }
}

#[test]
fn codes_are_unique_and_lead_back_to_their_reason() {
    for (number, reason) in Reason::ALL.iter().enumerate() {
        assert_eq!(reason.index(), number);
        assert_eq!(Reason::from_code(reason.code()), Some(*reason));
    }
    assert_eq!(Reason::from_code("NO_SUCH_CODE"), None);
}

#[test]
fn a_summary_is_one_sentence_without_a_full_stop() {
    for reason in Reason::ALL {
        assert!(!reason.summary().is_empty() && !reason.summary().ends_with('.'), "{reason}");
    }
}
