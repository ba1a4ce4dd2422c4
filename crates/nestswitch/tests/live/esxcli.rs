//! `esxcli` against live hosts: its verbs, its forms of output, and that what was acknowledged is kept.

use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::process::{Child, Stdio};

use expect_test::{Expect, expect};

use crate::fixture::{Lab, Nsw, Ran, eventually, example};

const STANDARD: [&str; 3] = ["network", "vswitch", "standard"];

#[test]
fn what_esxcli_prints_of_a_live_host() {
    for nsw in Nsw::as_everybody() {
        let lab = nsw.up(&example("nested.yaml", "verbs"));
        check(
            &lab,
            &["list"],
            &expect![[r#"
                vSwitch0
                   Name: vSwitch0
                   Class: nestswitch
                   Num Ports: 1048576
                   Used Ports: 6
                   Configured Ports: 1048576
                   MTU: 1500
                   CDP Status: listen
                   Beacon Enabled: false
                   Beacon Interval: 1
                   Beacon Threshold: 3
                   Beacon Required By: 
                   Uplinks: vmnic0
                   Portgroups: Management Network, VM Network, Nested
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["policy", "security", "get", "-v", "vSwitch0"],
            &expect![[r#"
                   Allow Promiscuous: false
                   Allow MAC Address Change: false
                   Allow Forged Transmits: false
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["portgroup", "list"],
            &expect![[r#"
                Name                Virtual Switch  Active Clients  VLAN ID
                ------------------  --------------  --------------  -------
                Management Network  vSwitch0                     1        0
                Nested              vSwitch0                     1        0
                VM Network          vSwitch0                     3        0
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["portgroup", "policy", "security", "get", "-p", "Nested"],
            &expect![[r#"
                   Allow Promiscuous: false
                   Allow MAC Address Change: false
                   Allow Forged Transmits: false
                   Override Vswitch Allow Promiscuous: false
                   Override Vswitch Allow MAC Address Change: false
                   Override Vswitch Allow Forged Transmits: false
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["--formatter=csv", "portgroup", "list"],
            &expect![[r#"
                Name,VirtualSwitch,ActiveClients,VLANID,
                Management Network,vSwitch0,1,0,
                Nested,vSwitch0,1,0,
                VM Network,vSwitch0,3,0,
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["--formatter=keyvalue", "portgroup", "list"],
            &expect![[r#"
                Record[0].Name.string=Management Network
                Record[0].VirtualSwitch.string=vSwitch0
                Record[0].ActiveClients.integer=1
                Record[0].VLANID.integer=0
                Record[1].Name.string=Nested
                Record[1].VirtualSwitch.string=vSwitch0
                Record[1].ActiveClients.integer=1
                Record[1].VLANID.integer=0
                Record[2].Name.string=VM Network
                Record[2].VirtualSwitch.string=vSwitch0
                Record[2].ActiveClients.integer=3
                Record[2].VLANID.integer=0
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["--formatter=json", "policy", "security", "get", "-v", "vSwitch0"],
            &expect![[r#"
                [
                  {
                    "AllowForgedTransmits": false,
                    "AllowMACAddressChange": false,
                    "AllowPromiscuous": false
                  }
                ]
                exit code 0
            "#]],
        );
        check(
            &lab,
            &["policy", "security", "get", "-v", "vSwitch7"],
            &expect![[r#"
            error: no vSwitch `vSwitch7` on this host
            hint: `network vswitch standard list` lists them
            exit code 2
        "#]],
        );
    }
}

#[test]
fn what_esxcli_sets_is_in_force() {
    for nsw in Nsw::as_everybody() {
        let lab = nsw.up(&example("nested.yaml", "setting"));
        lab.wait_until_asks("physical", "nested-1.vmnic0", true);
        let set = |words: &[&str]| assert_eq!(esxcli(&lab, words).expect(0).stdout, "");
        let nested = ["portgroup", "policy", "security", "set", "-p", "Nested"];
        set(&[&nested[..], &["--allow-promiscuous", "true", "--allow-forged-transmits", "true"]].concat());
        lab.check_reaches("web01", "192.168.10.50", true);
        check(
            &lab,
            &["portgroup", "policy", "security", "get", "-p", "Nested"],
            &expect![[r#"
                   Allow Promiscuous: true
                   Allow MAC Address Change: false
                   Allow Forged Transmits: true
                   Override Vswitch Allow Promiscuous: true
                   Override Vswitch Allow MAC Address Change: false
                   Override Vswitch Allow Forged Transmits: true
                exit code 0
            "#]],
        );
        set(&[&nested[..], &["--use-vswitch"]].concat());
        lab.check_reaches("web01", "192.168.10.50", false);

        set(&["portgroup", "add", "-p", "Lab", "-v", "vSwitch0"]);
        set(&["portgroup", "set", "-p", "Lab", "-v", "20"]);
        set(&["set", "-v", "vSwitch0", "-m", "9000"]);
        check(
            &lab,
            &["portgroup", "list"],
            &expect![[r#"
                Name                Virtual Switch  Active Clients  VLAN ID
                ------------------  --------------  --------------  -------
                Lab                 vSwitch0                     0       20
                Management Network  vSwitch0                     1        0
                Nested              vSwitch0                     1        0
                VM Network          vSwitch0                     3        0
                exit code 0
            "#]],
        );
        set(&["portgroup", "remove", "-p", "Lab", "-v", "vSwitch0"]);
        check(
            &lab,
            &["portgroup", "remove", "-p", "Nested", "-v", "vSwitch0"],
            &expect![[r#"
                error: port group `Nested` is in use by nested-1.vmnic0
                exit code 2
            "#]],
        );

        // The lab file has the last word.
        let up = nsw.run([OsStr::new("lab"), "up".as_ref(), lab.file.as_ref()]).expect(0);
        expect![[r#"
            ~ physical: vSwitch vSwitch0: MTU 9000 -> 1500
            0 added, 1 changed, 0 removed
        "#]]
        .assert_eq(&up.stdout);
    }
}

#[test]
fn called_by_its_name_it_finds_its_host_in_the_environment() {
    for nsw in Nsw::as_everybody() {
        let lab = nsw.up(&example("nested.yaml", "by-name"));
        let program = nsw.program().with_file_name("esxcli");
        symlink(nsw.program(), &program).unwrap();
        let mut command = nsw.command(&program);
        command
            .args(STANDARD)
            .args(["portgroup", "list"])
            .env("NSW_LAB", &lab.name)
            .env("NSW_HOST", "nested-1");
        expect![[r#"
            Name                Virtual Switch  Active Clients  VLAN ID
            ------------------  --------------  --------------  -------
            Management Network  vSwitch0                     1        0
            VM Network          vSwitch0                     2        0
        "#]]
        .assert_eq(&Ran::of(&mut command).expect(0).stdout);
    }
}

/// `words` are a command of `network vswitch standard`, behind options of esxcli itself.
fn esxcli(lab: &Lab<'_>, words: &[&str]) -> Ran {
    let place = ["esxcli", "--lab", &lab.name, "--host", "physical"];
    let (options, command): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.starts_with("--formatter"));
    lab.nsw.run(place.iter().chain(&options).chain(&STANDARD).chain(&command))
}

#[track_caller]
fn check(lab: &Lab<'_>, words: &[&str], expected: &Expect) {
    let ran = esxcli(lab, words);
    let code = ran.code.unwrap();
    expected.assert_eq(&format!("{}{}exit code {code}\n", ran.stdout, ran.stderr));
}

const HOST: &str = r#"{
    "name": "alone",
    "pnics": [],
    "vswitches": [{ "name": "vSwitch0", "port-groups": [{ "name": "VM Network" }] }],
    "vms": [{ "name": "app01", "nics": [{
        "name": "eth0", "port-group": "VM Network", "mac": "00:50:56:00:00:01", "addresses": ["10.0.0.1/24"]
    }] }]
}"#;

#[test]
fn a_host_by_itself_keeps_every_change_that_it_acknowledged() {
    for nsw in Nsw::as_everybody() {
        let config = nsw.write("alone.json", HOST);
        let socket = nsw.runtime().join("alone.sock");
        let alone = |words: &[&str]| {
            let place = ["esxcli", "--formatter", "keyvalue", "--socket", socket.to_str().unwrap()];
            nsw.run(place.iter().chain(&STANDARD).chain(words)).expect(0)
        };
        let mut host = Alone::start(&nsw, &config, &socket);
        for mtu in ["1600", "1700", "1800"] {
            alone(&["portgroup", "add", "-p", mtu, "-v", "vSwitch0"]);
            alone(&["set", "-v", "vSwitch0", "-m", mtu]);
            host.kill();
            host = Alone::start(&nsw, &config, &socket);
            let list = alone(&["list"]).stdout;
            assert!(list.contains(&format!("Record[0].MTU.integer={mtu}\n")), "{list}");
        }
        alone(&["set", "-v", "vSwitch0", "--cdp-status", "advertise"]);
        host.kill();
        host = Alone::start(&nsw, &config, &socket);
        let list = alone(&["list"]).stdout;
        assert!(list.contains("MTU.integer=1800\nRecord[0].CDPStatus.string=advertise\n"), "{list}");
        assert!(list.contains("Portgroups.string=VM Network, 1600, 1700, 1800\n"), "{list}");
        let status =
            nsw.run(["host", "status", "--json", "--socket", socket.to_str().unwrap()]).expect(0).json();
        assert_eq!(status["vms"][0]["running"], true);
        host.kill();
    }
}

/// A host without a lab, in a network namespace of its own.
struct Alone(Child);

impl Alone {
    fn start(nsw: &Nsw, config: &std::path::Path, socket: &std::path::Path) -> Self {
        let mut command = nsw.command("unshare");
        command.arg(if nsw.is_ordinary_user() { "-Urn" } else { "-n" }).arg(nsw.program());
        command.args(["host", "run", "--engine", "user", "--config"]).arg(config).arg("--socket").arg(socket);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let host = Self(command.spawn().unwrap());
        eventually("the host answers", || std::os::unix::net::UnixStream::connect(socket).ok());
        host
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
