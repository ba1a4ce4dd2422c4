//! `nsw explain`.

use std::io::Read as _;
use std::process::Stdio;

use expect_test::expect;

use super::fixture::{check, json, nsw, root, stdout};

#[test]
fn all_codes() {
    check(
        &["explain"],
        &expect![[r#"
            exit code 0
            --- stdout
            Reasons of a switch, live and in the simulator:
              MALFORMED                the bytes are no whole Ethernet frame
              PORT_DOWN                the port is disconnected or its link is down
              PORT_BLOCKED_MAC_CHANGE  the guest changed its MAC address and MAC address changes are rejected
              INVALID_SOURCE           the source address is a group or zero
              VLAN_MISMATCH            the frame's VLAN is not the VLAN of the port it came by or is meant for
              FORGED_TRANSMIT          the source is not the effective MAC and forged transmits are rejected
              GUEST_BPDU               a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on
              REVERSE_PATH             a frame of this switch's own came back by an uplink
              REVERSE_TEAM             the frame came by another uplink than the team assigns to the port
              DEST_NOT_REGISTERED      no port of this switch is registered for the destination
              PROMISCUOUS_NOT_GRANTED  the guest asks for promiscuous mode and the policy rejects it
              GROUP_NOT_JOINED         no port listens to the multicast group
              NO_PORT_IN_VLAN          no other port of this switch is a member of the frame's VLAN
              NO_UPLINK                the frame should leave by an uplink and no usable one is there
              MTU                      the payload is larger than the vSwitch's MTU
              HAIRPIN                  the destination is on the port that the frame came by
              LINK_LOCAL               frames to link-local groups end at this switch
              MAC_LIMIT                the port has learned as many addresses as it may, and drops the rest
              FORGED_REFLECTION        a frame that a guest forged here a moment ago came back by an uplink
              SHAPER                   the guest sent more than traffic shaping permits
              BEACON                   a beacon by which this switch probes its uplinks has come to its end

            Beside the switch, where `nsw trace` lost a frame that no switch dropped:
              REGISTERED_ELSEWHERE     the destination is registered on another port, which got the frame
              LEARNED_ELSEWHERE        the physical switch has learned the destination on another port
              BACK_WHERE_IT_CAME_FROM  the physical switch has learned the destination on the frame's own port
              NOT_FORWARDED            a bridge does not forward such frames
              OTHER_ADDRESS            it came to the adapter, which does not listen to that destination
              OTHER_VLAN               it came to the adapter in a VLAN that the guest does not listen to
              STORM                    copies of the frame go round in a loop
              NO_PATH                  no cable leads from there to the destination
              NO_ANSWER                it arrived, and nobody answered

            `nsw explain CODE` prints the page of one.
        "#]],
    );
}

#[test]
fn the_list_fits_a_terminal() {
    let (text, _) = stdout(&["explain"]);
    let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
    assert!(wide.is_empty(), "{wide:?}");
}

#[test]
fn every_code_of_the_list_has_its_page() {
    let (list, _) = json(&["explain", "--json"]);
    for (folder, language) in [("docs/reasons", "en"), ("docs/reasons/ja", "ja")] {
        for entry in list.as_array().unwrap() {
            let code = entry["code"].as_str().unwrap();
            let page = std::fs::read_to_string(root().join(format!("{folder}/{code}.md"))).unwrap();
            assert_eq!(stdout(&["explain", code, "--lang", language]), (page, 0));
        }
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let pages = entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
        assert_eq!(list.as_array().unwrap().len(), pages, "{language}");
    }
}

// The codes of what is beside the switch, by name: scripts rely on them.
#[test]
fn codes_beside_the_switch() {
    let (list, _) = json(&["explain", "--json"]);
    let beside = list.as_array().unwrap().iter().filter(|entry| entry["decided-by"] == "beside-the-switch");
    let codes: Vec<&str> = beside.map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        [
            "REGISTERED_ELSEWHERE",
            "LEARNED_ELSEWHERE",
            "BACK_WHERE_IT_CAME_FROM",
            "NOT_FORWARDED",
            "OTHER_ADDRESS",
            "OTHER_VLAN",
            "STORM",
            "NO_PATH",
            "NO_ANSWER",
        ]
    );
}

#[test]
fn one_code() {
    check(
        &["explain", "HAIRPIN"],
        &expect![[r#"
        exit code 0
        --- stdout
        # HAIRPIN

        A guest sent a frame to the address of its own port, and the switch never sends a frame back
        where it came from.

            nested-1's vmnic0 (..:00:00:01)
              |  src ..:aa:00:07 (an inner VM), dst ..:00:00:01
            vSwitch0   ..:00:00:01 is on that very port       x  HAIRPIN

        The destination is registered, so the frame is not for an uplink either.

        ## How it looks

        * An inner VM cannot reach the nested host's own address by way of the outer switch. Typical
          cause: inside, `vmk0` has the MAC of `vmnic0`, but stands on another vSwitch or VLAN than the
          inner VM, so the inner switch sends the frame out.
        * A guest that bridges sends a frame out by the side that it came from, because it learned the
          address on the wrong one.
        * A cloned adapter: two devices behind one port have one MAC.

        ## What decides

        Nothing that can be set. A port never gets its own frames, promiscuous mode or not.

        ## What to do

        1. Find who sends to the address behind the same port. `nsw trace` shows the registered port.
        2. Inside a nested host: put both adapters on one vSwitch and VLAN there, so that they meet
           inside, or route between them.
        3. Clones: give `vmk0` its own MAC, or set `Net.FollowHardwareMac` to 1 in the template.

        ## On vSphere

        Not documented. That a port never gets its own frames is our choice.

        Rules: F-3, F-9, R-2.
    "#]],
    );
}

#[test]
fn case_and_hyphens_do_not_matter() {
    assert_eq!(stdout(&["explain", "forged-transmit"]), stdout(&["explain", "FORGED_TRANSMIT"]));
    assert_eq!(stdout(&["explain", "No_Path"]), stdout(&["explain", "NO_PATH"]));
}

#[test]
fn one_code_as_json() {
    let (entry, code) = json(&["explain", "mtu", "--json"]);
    assert_eq!((&entry["code"], &entry["decided-by"], code), (&"MTU".into(), &"switch".into(), 0));
    assert!(entry["page"].as_str().unwrap().starts_with("# MTU\n"));
}

#[test]
fn no_such_code() {
    check(
        &["explain", "FORGED_TRANSMITS"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `FORGED_TRANSMITS` is no reason code
        hint: did you mean `FORGED_TRANSMIT`?
    "#]],
    );
    check(
        &["explain", "nonsense"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `nonsense` is no reason code
        hint: `nsw explain` lists all codes
    "#]],
    );
}

// `nsw explain | head -1`: whoever closes the pipe has seen enough.
#[test]
fn a_closed_pipe_is_no_panic() {
    for args in [
        &["explain"][..],
        &["explain", "MTU"],
        &["schema"],
        &["openapi"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = nsw(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        assert_eq!((stderr.as_str(), status.code()), ("", Some(0)), "nsw {args:?}");
    }
}
