//! Large frames through a live lab: the devices carry what the vSwitch allows, and the vSwitch refuses what it does not.

use crate::fixture::{Lab, Nsw};
use crate::or_skip;

const LAPTOP: &str = "192.168.78.50";
const LAB: &str = "lab: jumbo
segments:
  office:
    stations:
      laptop: { address: 192.168.78.50/24 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          VM Network: {}
    vms:
      app01: { port-group: VM Network, address: 192.168.78.21/24 }
";

#[test]
fn jumbo_frames_cross_a_live_lab_whose_vswitches_allow_them() {
    const ENGINES: [&[&str]; 2] = [&["--engine", "user"], &["--engine", "kernel"]];
    for engine in ENGINES {
        let nsw = or_skip!(Nsw::with_engines(engine));
        let lab = nsw.up(LAB);
        for end in ["app01", "laptop"] {
            lab.exec(end, &["ip", "link", "set", "eth0", "mtu", "9000"]).expect(0);
        }
        lab.check_reaches("app01", LAPTOP, true);
        assert!(!large_ping(&lab, "2"), "{engine:?}: 1500 is the default");
        lab.up_again(&LAB.replace("uplinks: [vmnic0]", "uplinks: [vmnic0]\n        mtu: 9000"), &[])
            .expect(0);
        assert!(large_ping(&lab, "20"), "{engine:?}");
    }
}

/// Is one echo request of 9000 bytes, with the IP header, answered within so many seconds?
fn large_ping(lab: &Lab<'_>, patience_s: &str) -> bool {
    let ping = ["ping", "-c", "1", "-w", patience_s, "-M", "do", "-s", "8972", LAPTOP];
    lab.exec("app01", &ping).code == Some(0)
}
