//! VMs as processes: isolated, enterable, and never left behind.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use nsw_dataplane::link::Link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::process::{self, GuestSpec};

use crate::fixture::eventually;
use crate::need_root;

fn shell(script: &str) -> GuestSpec {
    GuestSpec::new("test", ["sh", "-c", script])
}

#[test]
fn a_vm_has_its_own_network_and_processes_and_its_exit_code_comes_out() {
    need_root!();
    let vm = process::spawn(shell("test $$ = 2 && exit 7")).unwrap();
    assert_eq!(vm.wait().code(), Some(7));
    let vm = process::spawn(shell("sleep 1000")).unwrap();
    assert_eq!(*vm.namespace(), Namespace::of_process(vm.pid()).unwrap());
    assert_ne!(*vm.namespace(), Namespace::current().unwrap());
    let names: Vec<String> = Link::list(vm.namespace()).unwrap().into_iter().map(|link| link.name).collect();
    assert_eq!(names, ["lo"]);
    assert_eq!(vm.try_wait(), None);
    assert_eq!(vm.kill().code(), None);
}

#[test]
fn a_vm_runs_until_it_has_ended() {
    need_root!();
    let vm = process::spawn(shell("sleep 1000")).unwrap();
    assert!(!vm.has_ended());
    vm.kill();
    assert!(vm.has_ended());
}

#[test]
fn a_program_that_is_not_there_is_an_error_and_not_a_vm() {
    need_root!();
    let error = process::spawn(GuestSpec::new("test", ["/nowhere/to/be/found"])).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn sigterm_reaches_the_program_and_its_handler_decides() {
    need_root!();
    let mut spec = shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done");
    let (reader, writer) = std::io::pipe().unwrap();
    spec.stdout = writer.into();
    let vm = process::spawn(spec).unwrap();
    BufReader::new(reader).read_line(&mut String::new()).unwrap();
    vm.terminate().unwrap();
    assert_eq!(vm.wait().code(), Some(3));
}

#[test]
fn orphans_in_a_vm_are_reaped() {
    need_root!();
    // The orphans end at once; had nobody reaped them, they would stand in /proc as zombies (state Z).
    let script = "i=0; while [ $i -lt 20 ]; do (true & ) ; i=$((i+1)); done; \
                  n=1; while [ $n -gt 0 ]; do n=$(cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z '); done; exit 5";
    assert_eq!(process::spawn(shell(script)).unwrap().wait().code(), Some(5));
}

#[test]
fn a_command_can_be_run_inside_a_vm() {
    need_root!();
    let vm = process::spawn(shell("sleep 1000")).unwrap();
    let run = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        process::enter(vm.pid(), command).unwrap()
    };
    assert!(
        run("test $(ls /sys/class/net 2>/dev/null | wc -l) -ge 0; test $(grep -c : /proc/net/dev) = 1")
            .success()
    );
    assert_eq!(run("exit 9").code(), Some(9));
    assert_eq!(run("kill -KILL $$").code(), Some(128 + 9));
    // It sees the VM's processes.
    assert!(run("grep -q sleep /proc/2/comm || grep -q sh /proc/2/comm").success());
}

/// Runs in a process of its own: starts a VM, says its number, and waits to be killed.
#[test]
fn helper_that_starts_a_vm_and_hangs() {
    if std::env::var_os("NSW_TEST_HELPER").is_none() {
        return;
    }
    let vm = process::spawn(shell("sleep 1000 & sleep 1000")).unwrap();
    println!("vm {}", vm.pid());
    vm.wait();
}

#[test]
fn killing_the_parent_leaves_no_process_and_no_namespace() {
    need_root!();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::helper_that_starts_a_vm_and_hangs", "--nocapture"])
        .env("NSW_TEST_HELPER", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let pid: u32 = lines
        .map_while(Result::ok)
        .find_map(|line| line.rsplit_once("vm ")?.1.trim().parse().ok())
        .expect("the helper should say the number");
    let namespace = fs::read_link(format!("/proc/{pid}/ns/net")).unwrap();
    assert!(users_of(&namespace) >= 2, "init and program");
    parent.kill().unwrap();
    parent.wait().unwrap();
    eventually(|| (users_of(&namespace) == 0).then_some(()));
}

/// How many processes are in the network namespace.
fn users_of(namespace: &std::path::Path) -> usize {
    let links = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let name: OsString = entry.ok()?.file_name();
        name.to_str()?.parse::<u32>().ok()?;
        fs::read_link(format!("/proc/{}/ns/net", name.to_str()?)).ok()
    });
    links.filter(|link| link == namespace).count()
}
