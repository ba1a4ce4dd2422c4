//! `kill -9`, Ctrl-C, SIGTERM: what was inside ends, nobody else does, nothing is left, and `up` again mends it.

use std::io::{BufRead as _, BufReader};
use std::os::unix::net::UnixStream;
use std::process::Child;

use rustix::process::Signal;

use crate::fixture::{Lab, Nsw, eventually, example};
use crate::kernel::{Traces, host_process, kill_9, press_ctrl_c, running, send};

const LAPTOP: &str = "192.168.10.50";

#[test]
fn a_killed_nested_host_takes_its_own_vms_along_and_up_starts_it_again() {
    for nsw in Nsw::as_everybody() {
        let lab = up(&nsw, "nested-gone");
        let before = lab.pids();
        kill_9(host_process(&nsw, "nested-1"));
        eventually("the VMs of nested-1 are gone", || {
            (running(&nsw, "web01").is_empty() && running(&nsw, "web02").is_empty()).then_some(())
        });
        wait_until_noticed(&lab, "physical", "nested-1");
        check_others_reach_the_laptop(&lab);
        lab.lab("status", &[]).expect(1);
        lab.exec("web01", &["true"]).expect(2);

        let mended = up_again(&lab);
        assert!(mended.contains("+ physical: VM nested-1 starts again\n"), "{mended}");
        lab.check_reaches("web01", LAPTOP, true);
        let mut after = lab.pids();
        assert_ne!(after.insert("nested-1".to_owned(), before["nested-1"]), Some(before["nested-1"]));
        // Inside, everybody is new, under the same numbers: a host counts its processes from 1.
        assert_eq!(after, before);
        assert!(up_again(&lab).ends_with("0 added, 0 changed, 0 removed\n"));
    }
}

#[test]
fn a_killed_vm_is_alone_and_up_starts_it_again() {
    for nsw in Nsw::as_everybody() {
        let lab = up(&nsw, "vm-gone");
        let before = lab.pids();
        let [first] = running(&nsw, "app02")[..] else { panic!("one first process") };
        kill_9(first);
        wait_until_noticed(&lab, "physical", "app02");
        check_others_reach_the_laptop(&lab);
        lab.check_reaches("web01", LAPTOP, true);
        lab.exec("app02", &["true"]).expect(2);

        let mended = up_again(&lab);
        assert_eq!(mended, "+ physical: VM app02 starts again\n1 added, 0 changed, 0 removed\n");
        lab.check_reaches("app02", LAPTOP, true);
        let mut after = lab.pids();
        assert_ne!(after.insert("app02".to_owned(), before["app02"]), Some(before["app02"]));
        assert_eq!(after, before);
    }
}

#[test]
fn a_killed_physical_host_takes_everything_in_it_along_and_up_starts_it_again() {
    for nsw in Nsw::as_everybody() {
        let lab = up(&nsw, "host-gone");
        let laptop = lab.pids()["laptop"];
        kill_9(host_process(&nsw, "physical"));
        eventually("everything in it is gone", || {
            let gone = ["app01", "sniffer", "web01", "/nested-1.json"];
            gone.iter().all(|word| running(&nsw, word).is_empty()).then_some(())
        });
        let mended = up_again(&lab);
        assert!(mended.starts_with("+ host physical\n+ host nested-1\n"), "{mended}");
        check_others_reach_the_laptop(&lab);
        lab.check_reaches("web01", LAPTOP, true);
        assert_eq!(lab.pids()["laptop"], laptop);
    }
}

#[test]
fn a_killed_station_is_alone_and_up_starts_it_again() {
    for nsw in Nsw::as_everybody() {
        let lab = up(&nsw, "station-gone");
        let [first] = running(&nsw, "laptop")[..] else { panic!("one first process") };
        kill_9(first);
        lab.check_reaches("app01", "192.168.10.31", true);
        let mended = up_again(&lab);
        assert!(mended.contains("+ office: station laptop\n"), "{mended}");
        check_others_reach_the_laptop(&lab);
    }
}

#[test]
fn a_killed_supervisor_leaves_nothing_and_up_builds_the_lab_anew() {
    for nsw in Nsw::as_everybody() {
        let mut traces = Traces::before(&nsw);
        let lab = up(&nsw, "supervisor-gone");
        traces.note();
        let [supervisor] = running(&nsw, "supervise")[..] else { panic!("one supervisor") };
        kill_9(supervisor);
        traces.expect_none();
        assert_eq!(nsw.run(["lab", "list"]).expect(0).stdout, "");
        nsw.run(["lab", "up", lab.file.to_str().unwrap(), "--detach"]).expect(0);
        check_others_reach_the_laptop(&lab);
        lab.lab("down", &[]).expect(0);
        traces.expect_none_nor_folder();
    }
}

#[test]
fn when_down_returns_everything_in_the_lab_is_gone() {
    for nsw in Nsw::as_everybody() {
        let lab = up(&nsw, "down");
        // Somebody who is still connected, and says nothing, holds nothing up.
        let _silent = UnixStream::connect(nsw.runtime().join("down/lab.sock")).unwrap();
        lab.lab("down", &[]).expect(0);
        // The supervisor is last, and may be on its way out.
        for word in ["run", "vm-init"] {
            assert_eq!(running(&nsw, word), [0_u32; 0], "{word}");
        }
    }
}

#[test]
fn a_lab_in_the_foreground_ends_with_its_command() {
    for nsw in Nsw::as_everybody() {
        check_foreground(&nsw, |command| send(command, Signal::INT), Some(0), true);
        check_foreground(&nsw, |command| send(command, Signal::TERM), Some(0), true);
        check_foreground(&nsw, press_ctrl_c, Some(0), true);
        // Nobody can tidy up after `kill -9`: the folder stays, and is removed when that lab comes up again.
        check_foreground(&nsw, |command| send(command, Signal::KILL), None, false);
    }
}

fn check_foreground(nsw: &Nsw, end: fn(u32), code: Option<i32>, tidy: bool) {
    let mut traces = Traces::before(nsw);
    let file = nsw.write("foreground.yaml", &example("nested-method2.yaml", "foreground"));
    let mut command = nsw.start(["lab", "up", file.to_str().unwrap()]);
    let mut said = BufReader::new(command.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "lab foreground is up; Ctrl-C takes it down"));
    end_and_check(nsw, &mut traces, &mut command, end, code, tidy);
}

#[test]
fn an_interrupted_demo_leaves_nothing() {
    for nsw in Nsw::as_everybody() {
        check_demo(&nsw, |command| send(command, Signal::INT), Some(2), true);
        check_demo(&nsw, press_ctrl_c, Some(2), true);
        check_demo(&nsw, |command| send(command, Signal::KILL), None, false);
    }
}

fn check_demo(nsw: &Nsw, end: fn(u32), code: Option<i32>, tidy: bool) {
    let mut traces = Traces::before(nsw);
    let mut command = nsw.start(["demo"]);
    eventually("the demo pings", || (!running(nsw, "vm-ping").is_empty()).then_some(()));
    end_and_check(nsw, &mut traces, &mut command, end, code, tidy);
}

fn end_and_check(
    nsw: &Nsw,
    traces: &mut Traces,
    command: &mut Child,
    end: fn(u32),
    code: Option<i32>,
    tidy: bool,
) {
    traces.note();
    assert!(traces.noted() >= 8, "{} namespaces", traces.noted());
    end(command.id());
    let status = eventually("the command ends", || command.try_wait().unwrap());
    assert_eq!(status.code(), code);
    if tidy {
        traces.expect_none_nor_folder();
    } else {
        traces.expect_none();
    }
    assert_eq!(nsw.run(["lab", "list"]).expect(0).stdout, "");
}

/// The lab in which everybody reaches everybody.
fn up<'a>(nsw: &'a Nsw, name: &str) -> Lab<'a> {
    let lab = nsw.up(&example("nested-method2.yaml", name));
    lab.wait_until_asks("physical", "nested-1.vmnic0", true);
    lab
}

fn up_again(lab: &Lab<'_>) -> String {
    let ran = lab.nsw.run(["lab", "up", lab.file.to_str().unwrap()]).expect(0);
    lab.wait_until_asks("physical", "nested-1.vmnic0", true);
    ran.stdout
}

fn wait_until_noticed(lab: &Lab<'_>, host: &str, vm: &str) {
    eventually(&format!("{host} notices that {vm} has ended"), || {
        let status = lab.host(host);
        let vms = status["vms"].as_array()?;
        (vms.iter().find(|found| found["name"] == vm)?["running"] == false).then_some(())
    });
}

fn check_others_reach_the_laptop(lab: &Lab<'_>) {
    for name in ["app01", "sniffer", "physical"] {
        lab.check_reaches(name, LAPTOP, true);
    }
}
