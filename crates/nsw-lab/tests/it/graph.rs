//! Pictures of labs: what is drawn, where it stands, and the texts that come out.

mod geometry;
mod matrix;
mod texts;

use nsw_lab::graph::Graph;
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::sim::World;
use nsw_lab::spec;
use nsw_lab::topology::Lab;

/// A lab with everything that makes a picture difficult: adapters in several port groups, several vSwitches and segments,
/// names that are markup, wide letters, more VMs than are drawn.
const CROWDED: &str = r#"
lab: crowded
segments:
  office:
    stations:
      laptop: { address: 192.168.10.50/24 }
      a-station-with-a-long-name: { address: 192.168.10.51/24 }
  dmz:
    stations:
      gateway: { address: 10.0.0.50/24, vlan: 7 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
      vmnic1: { segment: dmz }
      vmnic2: { segment: dmz }
      vmnic3: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        mtu: 9000
        port-groups:
          Nested & <b>"trunk": { vlan: trunk, security: { promiscuous: accept } }
          VM Network: {}
      vSwitch1:
        uplinks: [vmnic1, vmnic2]
        port-groups:
          DMZ: { vlan: 7, beyond: { mac-learning: { limit: 4 }, sink: true } }
      internal:
        port-groups:
          日本語ポートグループ: {}
    vms:
      router:
        nics:
          eth0: { port-group: VM Network, address: 192.168.10.1/24 }
          eth1: { port-group: DMZ, address: 10.0.0.1/24 }
          eth2: { port-group: 日本語ポートグループ }
      a1: { port-group: VM Network, address: 192.168.10.101/24 }
      a2: { port-group: VM Network, address: 192.168.10.102/24 }
      a3: { port-group: VM Network, address: 192.168.10.103/24 }
      a4: { port-group: VM Network, address: 192.168.10.104/24 }
      a5: { port-group: VM Network, address: 192.168.10.105/24 }
      a6: { port-group: VM Network, address: 192.168.10.106/24 }
      a7: { port-group: VM Network, address: 192.168.10.107/24 }
      lonely: { port-group: 日本語ポートグループ, address: 172.16.0.1/12 }
      nested-1:
        nics:
          vmnic0: { port-group: 'Nested & <b>"trunk"' }
          vmnic1: { port-group: 'Nested & <b>"trunk"' }
          vmnic2: { port-group: DMZ }
        host:
          vswitches:
            vSwitch0: { uplinks: [vmnic0, vmnic1], port-groups: { inner: {} } }
            vSwitch1: { uplinks: [vmnic2], port-groups: { inner-dmz: { vlan: 7 } } }
          vms:
            web01: { port-group: inner, address: 192.168.10.31/24 }
            web02: { port-group: inner-dmz, address: 10.0.0.31/24 }
  second:
    vmnics:
      vmnic0: { segment: dmz }
    vswitches:
      vSwitch0: { uplinks: [vmnic0], port-groups: { VM Network: { vlan: 7 } } }
    vms:
      b1: { port-group: VM Network, address: 10.0.0.77/24 }
"#;

fn lab_of(text: &str) -> Lab {
    spec::parse("lab.yaml", text).expect("it is a lab").lab
}

/// The picture of a lab, with the conversation of two end points if they are given.
fn graph(lab: &Lab, why: Option<(&str, &str)>) -> Graph {
    let world = World::new(lab).expect("it can be wired");
    let talk = why.map(|(from, to)| world.converse(world.find(from).unwrap(), world.find(to).unwrap()));
    Graph::of(lab, &world, talk.as_ref(), &Catalogue::new(Language::En))
}
