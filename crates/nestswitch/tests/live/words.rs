//! What a live lab says in other languages than English.

use crate::fixture::{Nsw, eventually, example};
use crate::or_skip;

#[test]
fn drops_and_pings_are_told_in_japanese_too() {
    let nsw = or_skip!(Nsw::as_anybody());
    let lab = nsw.up(&example("nested.yaml", "japanese"));
    let ping = lab.lab("ping", &["web01", "laptop", "--lang", "ja"]).expect(1);
    assert_eq!(ping.stdout, "web01 -> laptop: 応答 0 / 3\n");
    let told = "ARP 要求、192.168.10.31 が 192.168.10.50 を探している: \
                physical / vSwitch0 / Nested / nested-1.vmnic0 で消失\n  \
                FORGED_TRANSMIT（偽装転送 = 拒否、vSwitch0 で設定し、ポート グループ Nested が継承）";
    eventually("the drop is told", || {
        lab.lab("drops", &["--lang", "ja"]).stdout.contains(told).then_some(())
    });
}
