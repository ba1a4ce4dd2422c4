//! Traffic shaping, and the settings that a standard switch does not have.

use expect_test::expect;
use nsw_core::{AllowedMac, AtLimit, Beyond, Learning, MacLearning, Setting, Shaping};
use nsw_lab::spec;

use super::check;

#[test]
fn every_key_has_its_meaning() {
    let text = "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        shaping: { average-bps: 1000000, peak-bps: 2000000, burst-bytes: 100000 }
        beyond:
          mac-learning: { limit: 2, at-limit: drop, ageing-s: 60, unicast-flooding: false }
          allowed-macs: [00:50:56:AA:00:07, 00-50-57-*]
          sink: true
          learning-filter: true
          forged-source-guard: true
        port-groups:
          Off:
            shaping: off
            beyond:
              mac-learning: off
              allowed-macs: []
              sink: false
          Defaults:
            shaping: { average-bps: 1, peak-bps: 1, burst-bytes: 1 }
            beyond: { mac-learning: {} }
          Inherits:
            shaping:
            beyond:
";
    let parsed = spec::parse("lab.yaml", text).unwrap();
    let vswitch = &parsed.lab.hosts[0].vswitches[0];
    let shaping = Shaping { average_bps: 1_000_000, peak_bps: 2_000_000, burst_bytes: 100_000 };
    assert_eq!(vswitch.shaping, Some(shaping));
    let learning = Learning { limit: 2, at_limit: AtLimit::Drop, ageing_s: 60, unicast_flooding: false };
    let exact = AllowedMac::Exact("00:50:56:aa:00:07".parse().unwrap());
    let all = Beyond {
        mac_learning: Some(MacLearning::On(learning)),
        allowed_macs: Some(vec![exact, AllowedMac::Oui([0x00, 0x50, 0x57])]),
        sink: Some(true),
        learning_filter: Some(true),
        forged_source_guard: Some(true),
    };
    assert_eq!(vswitch.beyond, all);
    let off = vswitch.port_group("Off").unwrap();
    assert_eq!(off.shaping, Some(None));
    let none = Beyond {
        mac_learning: Some(MacLearning::Off),
        allowed_macs: Some(Vec::new()),
        sink: Some(false),
        ..Beyond::default()
    };
    assert_eq!(off.beyond, none);
    let defaults = vswitch.port_group("Defaults").unwrap();
    assert_eq!(defaults.shaping, Some(Some(Shaping { average_bps: 1, peak_bps: 1, burst_bytes: 1 })));
    assert_eq!(defaults.beyond.mac_learning, Some(MacLearning::On(Learning::default())));
    let inherits = vswitch.port_group("Inherits").unwrap();
    assert_eq!((inherits.shaping, &inherits.beyond), (None, &Beyond::default()));

    let place = |setting| parsed.locations.of_vswitch("h", "vSwitch0", setting).unwrap().to_string();
    assert_eq!(place(Setting::TrafficShaping), "9:18");
    assert_eq!(place(Setting::MacLearning), "11:25");
    assert_eq!(place(Setting::ForgedSourceGuard), "15:32");
    let place = parsed.locations.of_port_group("h", "Off", Setting::TrafficShaping).unwrap();
    assert_eq!(place.to_string(), "18:22");
}

#[test]
fn amounts_of_shaping_are_complete_and_bounded() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        shaping: { average-bps: 2000, peak-bps: 1000, burst-bytes: 1 }
        port-groups:
          A: { shaping: { average-bps: 0, peak-bps: 10M, burst-bytes: 1000000000001 } }
          B: { shaping: { average-bps: 1 } }
          C: { shaping: none }
          D: { shaping: false }
",
        &expect![[r#"
            error 9:49: shaping of vSwitch `vSwitch0` of host `h` has a peak of 1000 bits a second, less than its average of 2000
              |         shaping: { average-bps: 2000, peak-bps: 1000, burst-bytes: 1 }
              |                                                 ^^^^
              the peak is at least the average
            error 11:40: port group `A` of host `h` cannot have average-bps `0`
              |           A: { shaping: { average-bps: 0, peak-bps: 10M, burst-bytes: 1000000000001 } }
              |                                        ^
              it is a number from 1 to 1000000000000
            error 11:53: port group `A` of host `h` cannot have peak-bps `10M`
              |           A: { shaping: { average-bps: 0, peak-bps: 10M, burst-bytes: 1000000000001 } }
              |                                                     ^^^
              it is a number from 1 to 1000000000000
            error 11:71: port group `A` of host `h` cannot have burst-bytes `1000000000001`
              |           A: { shaping: { average-bps: 0, peak-bps: 10M, burst-bytes: 1000000000001 } }
              |                                                                       ^^^^^^^^^^^^^
              it is a number from 1 to 1000000000000
            error 12:25: shaping of port group `B` of host `h` lacks `peak-bps`
              |           B: { shaping: { average-bps: 1 } }
              |                         ^
              shaping has `average-bps`, `peak-bps` and `burst-bytes`
            error 12:25: shaping of port group `B` of host `h` lacks `burst-bytes`
              |           B: { shaping: { average-bps: 1 } }
              |                         ^
              shaping has `average-bps`, `peak-bps` and `burst-bytes`
            error 13:25: port group `C` of host `h` cannot have shaping `none`
              |           C: { shaping: none }
              |                         ^^^^
              it is `off`, or has keys of its own
            error 14:25: port group `D` of host `h` cannot have shaping `false`
              |           D: { shaping: false }
              |                         ^^^^^
              it is `off`, or has keys of its own
        "#]],
    );
}

#[test]
fn settings_beyond_have_few_words_and_bounds() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        beyond:
          mac-learning: on
          sink: yes
        port-groups:
          A: { beyond: { mac-learning: { limit: 4097, at-limit: reject, ageing-s: 0, unicast-flooding: maybe } } }
          B: { beyond: { allowed-macs: [00:50:56, \"00:50:*\", \"01:00:5e:*\", ff:ff:ff:ff:ff:ff, \"*\"] } }
          C: { beyond: { allowed-macs: [00:50:56:aa:00:07, 00-50-56-AA-00-07] } }
",
        &expect![[r#"
            error 10:25: vSwitch `vSwitch0` of host `h` cannot have mac-learning `on`
              |           mac-learning: on
              |                         ^^
              it is `off`, or has keys of its own
            error 11:17: vSwitch `vSwitch0` of host `h` cannot have sink `yes`
              |           sink: yes
              |                 ^^^
              it is one of `true`, `false`
            error 13:49: port group `A` of host `h` cannot have limit `4097`
              |           A: { beyond: { mac-learning: { limit: 4097, at-limit: reject, ageing-s: 0, unicast-flooding: maybe } } }
              |                                                 ^^^^
              it is a number from 1 to 4096
            error 13:65: port group `A` of host `h` cannot have at-limit `reject`
              |           A: { beyond: { mac-learning: { limit: 4097, at-limit: reject, ageing-s: 0, unicast-flooding: maybe } } }
              |                                                                 ^^^^^^
              it is one of `allow`, `drop`
            error 13:83: port group `A` of host `h` cannot have ageing-s `0`
              |           A: { beyond: { mac-learning: { limit: 4097, at-limit: reject, ageing-s: 0, unicast-flooding: maybe } } }
              |                                                                                   ^
              it is a number from 1 to 86400
            error 13:104: port group `A` of host `h` cannot have unicast-flooding `maybe`
              |           A: { beyond: { mac-learning: { limit: 4097, at-limit: reject, ageing-s: 0, unicast-flooding: maybe } } }
              |                                                                                                        ^^^^^
              it is one of `true`, `false`
            error 14:41: port group `B` of host `h` cannot have allowed-macs `00:50:56`
              |           B: { beyond: { allowed-macs: [00:50:56, "00:50:*", "01:00:5e:*", ff:ff:ff:ff:ff:ff, "*"] } }
              |                                         ^^^^^^^^
              an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*
            error 14:51: port group `B` of host `h` cannot have allowed-macs `00:50:*`
              |           B: { beyond: { allowed-macs: [00:50:56, "00:50:*", "01:00:5e:*", ff:ff:ff:ff:ff:ff, "*"] } }
              |                                                   ^^^^^^^^^
              an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*
            error 14:62: port group `B` of host `h` cannot have allowed-macs `01:00:5e:*`
              |           B: { beyond: { allowed-macs: [00:50:56, "00:50:*", "01:00:5e:*", ff:ff:ff:ff:ff:ff, "*"] } }
              |                                                              ^^^^^^^^^^^^
              an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*
            error 14:76: port group `B` of host `h` cannot have allowed-macs `ff:ff:ff:ff:ff:ff`
              |           B: { beyond: { allowed-macs: [00:50:56, "00:50:*", "01:00:5e:*", ff:ff:ff:ff:ff:ff, "*"] } }
              |                                                                            ^^^^^^^^^^^^^^^^^
              an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*
            error 14:95: port group `B` of host `h` cannot have allowed-macs `*`
              |           B: { beyond: { allowed-macs: [00:50:56, "00:50:*", "01:00:5e:*", ff:ff:ff:ff:ff:ff, "*"] } }
              |                                                                                               ^^^
              an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*
            error 15:60: port group `C` of host `h` allows 00:50:56:aa:00:07 twice
              |           C: { beyond: { allowed-macs: [00:50:56:aa:00:07, 00-50-56-AA-00-07] } }
              |                                                            ^^^^^^^^^^^^^^^^^ again here
              |           C: { beyond: { allowed-macs: [00:50:56:aa:00:07, 00-50-56-AA-00-07] } }
              |                                         ^^^^^^^^^^^^^^^^^ first here
        "#]],
    );
}

#[test]
fn unknown_keys_are_reported_where_they_stand() {
    check(
        "\
lab: x
hosts:
  h:
    vswitches:
      vSwitch0:
        shaping: { average: 1000 }
        beyond:
          mac-lerning: off
          mac-learning:
            age: 300
          allowed-macs: 00:50:56:aa:00:07
",
        &expect![[r#"
            error 6:20: unknown key `average`
              |         shaping: { average: 1000 }
              |                    ^^^^^^^
              the keys here are `average-bps`, `peak-bps`, `burst-bytes`
            error 8:11: unknown key `mac-lerning`
              |           mac-lerning: off
              |           ^^^^^^^^^^^
              did you mean `mac-learning`?
            error 10:13: unknown key `age`
              |             age: 300
              |             ^^^
              the keys here are `limit`, `at-limit`, `ageing-s`, `unicast-flooding`
            error 11:25: expected a list here, as in [vmnic0, vmnic1]
              |           allowed-macs: 00:50:56:aa:00:07
              |                         ^^^^^^^^^^^^^^^^^
        "#]],
    );
}

#[test]
fn an_allow_list_has_an_end() {
    let macs: Vec<String> =
        (0..257).map(|n| format!("00:50:56:aa:{:02x}:{:02x}", n / 256, n % 256)).collect();
    let text = format!(
        "\
lab: x
hosts:
  h:
    vswitches:
      vSwitch0:
        beyond: {{ allowed-macs: [{}] }}
",
        macs.join(", ")
    );
    let errors = spec::parse("lab.yaml", &text).unwrap_err();
    let [problem] = errors.problems() else { panic!("{errors:?}") };
    assert_eq!(problem.message, "vSwitch `vSwitch0` of host `h` has 257 allowed MAC addresses");
}

// What runs inside the VMs of the port group is what the list is for; any other adapter is a neighbour.
#[test]
fn an_allowed_address_of_a_neighbour_is_suspicious() {
    check(
        "\
lab: x
segments: { office: { stations: { laptop: { mac: 00:50:56:00:00:50 } } } }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          VM Network: {}
          Nested:
            beyond:
              allowed-macs:
                - 00:50:56:aa:00:01  # inside
                - 00:50:56:aa:00:02  # inside, two hosts deep
                - 00:50:56:aa:00:03  # nobody's
                - 00:50:56:00:00:50
                - 00:50:56:00:00:21
                - 00:50:56:01:00:01
    vms:
      app01: { port-group: VM Network, mac: 00:50:56:00:00:21 }
      nested-1:
        port-group: Nested
        mac: 00:50:56:01:00:01
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0]
              port-groups:
                VM Network: { beyond: { allowed-macs: [00:50:56:aa:00:01, 00:50:56:aa:00:02] } }
          vms:
            web01: { port-group: VM Network, mac: 00:50:56:aa:00:01 }
            nested-2:
              port-group: VM Network
              host:
                vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { VM Network: } } }
                vms:
                  deep01: { port-group: VM Network, mac: 00:50:56:aa:00:02 }
",
        &expect![[r#"
            warning 17:19: port group `Nested` of host `h` allows 00:50:56:00:00:50, the MAC address of station `laptop`
              |                 - 00:50:56:00:00:50
              |                   ^^^^^^^^^^^^^^^^^
              its ports may then send as that adapter, and are given frames that are for it
            warning 18:19: port group `Nested` of host `h` allows 00:50:56:00:00:21, the MAC address of adapter `eth0` of VM `app01`
              |                 - 00:50:56:00:00:21
              |                   ^^^^^^^^^^^^^^^^^
              its ports may then send as that adapter, and are given frames that are for it
            warning 19:19: port group `Nested` of host `h` allows 00:50:56:01:00:01, the MAC address of adapter `vmnic0` of VM `nested-1`
              |                 - 00:50:56:01:00:01
              |                   ^^^^^^^^^^^^^^^^^
              its ports may then send as that adapter, and are given frames that are for it
            warning 30:56: port group `VM Network` of host `nested-1` allows 00:50:56:aa:00:01, the MAC address of adapter `eth0` of VM `web01`
              |                 VM Network: { beyond: { allowed-macs: [00:50:56:aa:00:01, 00:50:56:aa:00:02] } }
              |                                                        ^^^^^^^^^^^^^^^^^
              its ports may then send as that adapter, and are given frames that are for it
        "#]],
    );
}
