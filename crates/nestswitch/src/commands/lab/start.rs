//! `nsw lab up`: a lab comes up, or a running one becomes what its file says.
//!
//! The lab is held together by a supervisor, a process of its own. In the foreground it dies with this command, however
//! that ends; detached it is on its own.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hyper::Method;
use indicatif::ProgressBar;
use nsw_dataplane::process::{become_root_in_user_namespace, is_root_like, user_namespaces_available};
use nsw_lab::messages::Catalogue;
use nsw_lab::sim::looping_vms;
use nsw_lab::topology::Lab;
use rustix::process::{Signal, getppid, set_parent_process_death_signal, setsid};

use super::drops::{self, Reader};
use super::{lab_file, status};
use crate::commands::output::{Answer, Failure, Outcome, json, line};
use crate::commands::trace::read_lab;
use crate::engine::EngineWish;
use crate::guest::program;
use crate::host::status::Changes;
use crate::interrupt::Interrupt;
use crate::lab::folder::{LabFolder, runtime_variable};
use crate::lab::status::LabStatus;
use crate::lab::supervisor;
use crate::lab::wait;

/// How long a lab may take to come up.
const UP_WITHIN: Duration = Duration::from_secs(120);
/// How often a lab in the foreground is asked for frames that died.
const ASK_EVERY: Duration = Duration::from_millis(200);

pub(super) fn up(
    file: &Path,
    detach: bool,
    dry_run: bool,
    wishes: &[EngineWish],
    words: &Catalogue,
    as_json: bool,
) -> Outcome {
    let lab = read_lab(file)?;
    refuse_loops(&lab)?;
    let folder = LabFolder::of(&lab.name);
    let known = |name: &String| lab.all_hosts().iter().any(|(_, host)| host.name == *name);
    if let Some(unknown) = wishes.iter().filter_map(|wish| wish.host.as_ref()).find(|name| !known(name)) {
        return Err(Failure::new(format!(
            "lab `{}` has no host `{unknown}` to choose an engine for",
            lab.name
        )));
    }
    if folder.client().is_alive() {
        if !wishes.is_empty() {
            let text = format!("lab `{}` runs, and its hosts keep their engines", lab.name);
            return Err(Failure::with_hint(text, "`nsw lab down` first, or leave --engine out"));
        }
        return change_running(&folder, file, dry_run, as_json);
    }
    if dry_run {
        let hosts = lab.all_hosts().into_iter().map(|(_, host)| format!("+ host {}", host.name));
        return print_changes(&Changes { changes: hosts.collect() }, as_json);
    }
    let mut running = RunningLab::start(&folder, file, !detach, wishes)?;
    if detach {
        running.let_go();
        return status::run(&folder, false, as_json);
    }
    status::run(&folder, false, as_json)?;
    running.follow(words, as_json)
}

/// A loop would take all that two processors can do, for nothing, until somebody ends it.
fn refuse_loops(lab: &Lab) -> Result<(), Failure> {
    match looping_vms(lab).first() {
        None => Ok(()),
        Some(vm) => {
            let message = format!("VM `{vm}` bridges a loop, in which a broadcast would go round for ever");
            Err(Failure::with_hint(message, "`nsw lab check` says where; `nsw trace` shows it without harm"))
        }
    }
}

fn change_running(folder: &LabFolder, file: &Path, dry_run: bool, as_json: bool) -> Outcome {
    let changes: Changes = folder.client().send(Method::PUT, "/v1/lab", &lab_file(file, dry_run)?)?;
    print_changes(&changes, as_json)
}

fn print_changes(changes: &Changes, as_json: bool) -> Outcome {
    if as_json {
        json(changes)?;
        return Ok(Answer::Yes);
    }
    changes.changes.iter().try_for_each(line)?;
    let count = |mark: char| changes.changes.iter().filter(|change| change.starts_with(mark)).count();
    line(format_args!("{} added, {} changed, {} removed", count('+'), count('~'), count('-')))?;
    Ok(Answer::Yes)
}

/// Can labs run live here? The text says what is missing.
pub(crate) fn live_is_possible() -> Result<(), String> {
    if is_root_like() {
        return Ok(());
    }
    user_namespaces_available().map_err(|why| format!("neither root nor user namespaces: {why}"))
}

/// A lab whose supervisor is a child of this process. Dropping it takes the lab down, unless it was let go.
pub(crate) struct RunningLab {
    folder: LabFolder,
    supervisor: Child,
    owned: bool,
    interrupt: Interrupt,
}

impl RunningLab {
    /// Starts the lab of `file` and waits until all its hosts answer.
    pub(crate) fn start(
        folder: &LabFolder,
        file: &Path,
        attached: bool,
        wishes: &[EngineWish],
    ) -> Result<Self, Failure> {
        live_is_possible()
            .map_err(|why| Failure::with_hint(why, "`nsw trace` and `nsw demo --simulate` need neither"))?;
        let interrupt = Interrupt::catch()?;
        folder.create().map_err(|error| Failure::new(format!("cannot make the lab's folder: {error}")))?;
        let supervisor = spawn(folder, file, attached, wishes)?;
        let mut running = Self { folder: folder.clone(), supervisor, owned: true, interrupt };
        let spinner = ProgressBar::new_spinner().with_message(format!("lab {} comes up", folder.lab()));
        spinner.enable_steady_tick(Duration::from_millis(80));
        let answered = wait::until(UP_WITHIN, || {
            folder.client().is_alive() || running.has_ended() || running.interrupted()
        });
        spinner.finish_and_clear();
        if running.interrupted() {
            return Err(Failure::new("interrupted"));
        }
        if answered && !running.has_ended() {
            return Ok(running);
        }
        let how = match running.supervisor.try_wait() {
            Ok(Some(status)) => format!("its supervisor ended ({status})"),
            _ => format!("it does not answer after {} s", UP_WITHIN.as_secs()),
        };
        Err(Failure::new(format!("lab `{}` did not come up: {how}\n{}", folder.lab(), running.last_words())))
    }

    /// Prints the frames that die, until the lab ends or Ctrl-C.
    fn follow(&mut self, words: &Catalogue, as_json: bool) -> Outcome {
        let lab: LabStatus = self.folder.client().get("/v1/lab")?;
        let mut reader =
            Reader::new(self.folder.clone(), lab.hosts.into_iter().map(|host| host.name).collect());
        anstream::eprintln!("lab {} is up; Ctrl-C takes it down", self.folder.lab());
        while !self.has_ended() && !self.interrupted() {
            drops::print(&reader.read(), words, as_json)?;
            wait::until(ASK_EVERY, || self.interrupted());
        }
        Ok(Answer::Yes)
    }

    /// Was this process asked to end? Then it should, and the lab with it.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupt.came()
    }

    /// Lets the lab live on without this process.
    fn let_go(&mut self) {
        self.owned = false;
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for RunningLab {
    fn drop(&mut self) {
        if !self.owned {
            return;
        }
        // The supervisor takes its hosts along, and they their VMs; what it cannot say any more needs no answer.
        let _: Result<Changes, _> = self.folder.client().send(Method::DELETE, "/v1/lab", &());
        if !wait::until(Duration::from_secs(10), || self.has_ended()) {
            let _ = self.supervisor.kill();
        }
        let _ = self.supervisor.wait();
        let _ = self.folder.remove();
    }
}

fn spawn(folder: &LabFolder, file: &Path, attached: bool, wishes: &[EngineWish]) -> Result<Child, Failure> {
    let log = File::create(folder.log())?;
    let (variable, value) = runtime_variable();
    let mut command = Command::new(program()?);
    command.args(["lab", "supervise"]).arg(file).env(variable, value);
    command.args(wishes.iter().map(|wish| format!("--engine={wish}")));
    if attached {
        command.args(["--attached", &std::process::id().to_string()]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    Ok(command.spawn()?)
}

/// The supervisor's own beginning: it must be alone in its process until it is in its user namespace.
pub(super) fn supervise(file: &Path, attached: Option<u32>, wishes: &[EngineWish]) -> Outcome {
    if !is_root_like() {
        become_root_in_user_namespace()
            .map_err(|error| Failure::new(format!("cannot enter a user namespace: {error}")))?;
    }
    if let Some(parent) = attached {
        // After the user namespace: a change of rights makes the kernel forget it.
        set_parent_process_death_signal(Some(Signal::KILL)).map_err(std::io::Error::from)?;
        // It may have ended before the kernel was told.
        if getppid().is_none_or(|pid| pid.as_raw_nonzero().get().unsigned_abs() != parent) {
            return Err(Failure::new("the process that started this lab has ended"));
        }
    } else {
        setsid().map_err(std::io::Error::from)?;
    }
    supervisor::run(file, wishes).map_err(Failure::new)?;
    Ok(Answer::Yes)
}
