//! What a live lab says of the frames that died: each kind of them once, and in other languages than English, too.

use crate::fixture::{Lab, Nsw, eventually, example};
use crate::or_skip;

/// Of the drops, those that begin so, each with the line below it.
fn told(lab: &Lab<'_>, words: &[&str], begin: &str) -> Vec<(String, String)> {
    let text = lab.lab("drops", words).stdout;
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter(|pair| pair[0].starts_with(begin));
    pairs.map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

#[test]
fn what_died_often_is_told_once() {
    let nsw = or_skip!(Nsw::as_anybody());
    let lab = nsw.up(&example("nested.yaml", "often"));
    lab.lab("ping", &["web01", "laptop"]).expect(1);
    let begin = "ARP request, 192.168.10.31 asks who has 192.168.10.50";
    // The kernel asks three times, a second apart.
    let drops = eventually("the drop is told, with its number", || {
        Some(told(&lab, &[], begin)).filter(|drops| drops.iter().any(|(drop, _)| drop.contains(" times: ")))
    });
    let [(drop, reason)] = drops.as_slice() else { panic!("{drops:?}") };
    assert!(drop.ends_with(" times: died at physical / vSwitch0 / Nested / nested-1.vmnic0"), "{drop}");
    assert_eq!(
        reason,
        "  FORGED_TRANSMIT (forged transmits = Reject, set on vSwitch0, inherited by port group Nested)"
    );
    let records = lab.lab("drops", &["--json"]).stdout;
    assert!(records.matches(begin).count() > 1, "as JSON, each is told");
}

#[test]
fn drops_and_pings_are_told_in_japanese_too() {
    let nsw = or_skip!(Nsw::as_anybody());
    let lab = nsw.up(&example("nested.yaml", "japanese"));
    let ping = lab.lab("ping", &["web01", "laptop", "--lang", "ja"]).expect(1);
    assert_eq!(ping.stdout, "web01 -> laptop: 応答 0 / 3\n");
    let begin = "ARP 要求、192.168.10.31 が 192.168.10.50 を探している";
    let drops = eventually("the drop is told", || {
        Some(told(&lab, &["--lang", "ja"], begin)).filter(|drops| !drops.is_empty())
    });
    let (drop, reason) = &drops[0];
    assert!(drop.ends_with(": physical / vSwitch0 / Nested / nested-1.vmnic0 で消失"), "{drop}");
    assert_eq!(
        reason,
        "  FORGED_TRANSMIT（偽装転送 = 拒否、vSwitch0 で設定し、ポート グループ Nested が継承）"
    );
}
