//! The binary, a user to run it as, and a folder that nobody else has; on top of it a lab that ends with its test.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use nsw_dataplane::engine::kernel::KernelEngine;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::process::is_root_like;
use serde_json::Value;

/// How long something that should happen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// An ordinary user that every system has.
const NOBODY: u32 = 65534;

/// The program as whom it takes, or the test returns and says why.
#[macro_export]
macro_rules! or_skip {
    ($nsw:expr) => {
        match $nsw {
            Ok(nsw) => nsw,
            Err(why) => return eprintln!("skipped: {why}"),
        }
    };
}

/// Calls `what` until it returns something, or fails.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, asked: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, asked).unwrap_or_else(|| panic!("not within {} s: {what}", PATIENCE.as_secs()))
}

/// Calls `asked` until it returns something or the time is over; at first often, then less, for to ask costs a process.
pub(crate) fn within<T>(time: Duration, mut asked: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + time;
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(found) = asked() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(Duration::from_millis(160));
    }
}

/// More of them would only wait for a processor, and for each other's answers.
const LABS_AT_A_TIME: usize = 4;

/// Plays a lab for each of these, a few at a time, and returns what came of it, in the order in which they ended.
/// A panic of one is a panic of the whole, after the others.
pub(crate) fn a_few_at_a_time<T: Send, R: Send>(
    all: impl IntoIterator<Item = T, IntoIter: Send>,
    play: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let (waiting, results) = (Mutex::new(all.into_iter()), Mutex::new(Vec::new()));
    let next = || waiting.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..LABS_AT_A_TIME {
            scope.spawn(|| {
                while let Some(one) = next() {
                    let result = play(one);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

/// The program, as one user, with a runtime folder of its own.
pub(crate) struct Nsw {
    folder: PathBuf,
    program: PathBuf,
    /// Whom to become; `None` to stay who we are.
    user: Option<u32>,
    /// What `up` adds, to choose engines.
    engines: &'static [&'static str],
}

impl Nsw {
    /// As root, or as who we are if that is root in a user namespace; the error says why not.
    pub(crate) fn as_root() -> Result<Self, String> {
        if is_root_like() { Self::new(None) } else { Err("needs root".to_owned()) }
    }

    /// As an ordinary user, who has nothing but user namespaces; the error says why not.
    pub(crate) fn as_ordinary_user() -> Result<Self, String> {
        let user = is_root_like().then_some(NOBODY);
        let nsw = Self::new(user)?;
        let tried = nsw.command("unshare").args(["-Urn", "true"]).output();
        match tried {
            Ok(output) if output.status.success() => Ok(nsw),
            Ok(output) => Err(format!("no user namespaces: {}", String::from_utf8_lossy(&output.stderr))),
            Err(error) => Err(format!("cannot try a user namespace as an ordinary user: {error}")),
        }
    }

    /// As root if we are, or else as an ordinary user.
    pub(crate) fn as_anybody() -> Result<Self, String> {
        Self::as_root().or_else(|_| Self::as_ordinary_user())
    }

    /// As root and as an ordinary user, as far as this system allows.
    pub(crate) fn as_everybody() -> Vec<Self> {
        let both = [Self::as_root(), Self::as_ordinary_user()];
        let allowed =
            both.into_iter().filter_map(|tried| tried.map_err(|why| eprintln!("skipped: {why}")).ok());
        allowed.collect()
    }

    /// As root, whose labs come up with these options, among which is the kernel engine; the error says why not.
    pub(crate) fn with_engines(engines: &'static [&'static str]) -> Result<Self, String> {
        let mut nsw = Self::as_root()?;
        let here = Namespace::current().map_err(|error| error.to_string())?;
        if let Err(error) = KernelEngine::start("probe", &here, |_| {}) {
            let why = error.to_string();
            // A program that the verifier refuses is our fault, and not the system's.
            assert!(!why.contains("verifier"), "{why}");
            return Err(why);
        }
        nsw.engines = engines;
        Ok(nsw)
    }

    fn new(user: Option<u32>) -> Result<Self, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // Short: the path of a Unix socket has 107 bytes at most.
        let folder = std::env::temp_dir().join(format!("nsw-{}-{number}", std::process::id()));
        let (runtime, program) = (folder.join("run"), folder.join("nsw"));
        fs::create_dir_all(&runtime).unwrap();
        // The build's own folder may be closed to others.
        let built = env!("CARGO_BIN_EXE_nsw");
        fs::hard_link(built, &program).or_else(|_| fs::copy(built, &program).map(drop)).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let nsw = Self { folder, program, user, engines: &["--engine=user"] };
        nsw.give_to_user(&nsw.folder).and_then(|()| nsw.give_to_user(&runtime))?;
        Ok(nsw)
    }

    fn give_to_user(&self, path: &Path) -> Result<(), String> {
        // Root in a user namespace knows no other users.
        chown(path, self.user, self.user).map_err(|error| format!("no ordinary user here: {error}"))
    }

    /// Where labs keep their state.
    pub(crate) fn runtime(&self) -> PathBuf {
        self.folder.join("run")
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// What to add to a command that brings a lab up.
    pub(crate) fn engines(&self) -> &'static [&'static str] {
        self.engines
    }

    pub(crate) fn is_ordinary_user(&self) -> bool {
        self.user.is_some() || !is_root_like()
    }

    /// Any program, as this user and in this environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("NSW_RUNTIME_DIR", self.runtime()).env("TMPDIR", &self.folder).env("NO_COLOR", "1");
        command.env_remove("NSW_LAB").env_remove("NSW_HOST").env_remove("NSW_SOCKET").stdin(Stdio::null());
        if let Some(user) = self.user {
            command.uid(user).gid(user);
        }
        command
    }

    /// Runs `nsw` with these arguments.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(self.command(&self.program).args(args))
    }

    /// Starts `nsw` with these arguments; what it says goes into a pipe.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Child {
        let mut command = self.command(&self.program);
        // In a process group of its own, so that Ctrl-C can be played.
        command.args(args).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0).spawn().unwrap()
    }

    /// Writes a lab file and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap();
        self.give_to_user(&path).unwrap();
        path
    }

    /// Brings a lab up in the background.
    pub(crate) fn up(&self, text: &str) -> Lab<'_> {
        let name = text.lines().find_map(|line| line.strip_prefix("lab: ")).expect("the lab has a name");
        self.up_named(name, text)
    }

    /// The same, of a text in which nobody can find the name.
    pub(crate) fn up_named(&self, name: &str, text: &str) -> Lab<'_> {
        let file = self.write(&format!("{name}.yaml"), text);
        let lab = Lab { nsw: self, name: name.to_owned(), file };
        let up = [OsStr::new("lab"), "up".as_ref(), lab.file.as_ref(), "--detach".as_ref()];
        lab.nsw.run(up.into_iter().chain(self.engines.iter().map(|word| OsStr::new(*word)))).expect(0);
        lab
    }
}

impl Drop for Nsw {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A command that has ended.
pub(crate) struct Ran {
    what: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let what = format!("{command:?}");
        let Output { status, stdout, stderr } =
            command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { what, code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Fails unless the exit code is this.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}{}", self.what, self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.stdout))
    }
}

/// A running lab. Dropping it takes it down.
pub(crate) struct Lab<'a> {
    pub(crate) nsw: &'a Nsw,
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Lab<'_> {
    /// Runs `nsw lab VERB --lab THIS ...`.
    pub(crate) fn lab(&self, verb: &str, args: &[&str]) -> Ran {
        let words = ["lab", verb, "--lab", &self.name];
        self.nsw.run(words.iter().chain(args))
    }

    /// Runs `nsw lab up` on its file, after writing `text` into it.
    pub(crate) fn up_again(&self, text: &str, options: &[&str]) -> Ran {
        fs::write(&self.file, text).unwrap();
        self.nsw.run(["lab", "up", self.file.to_str().unwrap()].iter().chain(options))
    }

    /// Runs a command inside an end point.
    pub(crate) fn exec(&self, name: &str, command: &[&str]) -> Ran {
        self.lab("exec", &[&[name, "--"], command].concat())
    }

    /// `nsw lab status --json`.
    pub(crate) fn status(&self) -> Value {
        self.lab("status", &["--json"]).json()
    }

    /// The first process of everybody, by name, as whoever started it calls it. One that was started again has another.
    pub(crate) fn pids(&self) -> BTreeMap<String, u64> {
        let status = self.status();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let mut pids = BTreeMap::new();
        let mut note = |name: String, pid: &Value| pids.insert(name, pid.as_u64().unwrap());
        for station in list(&status["lab"]["segments"]).iter().flat_map(|segment| list(&segment["stations"]))
        {
            note(text(&station["name"]), &station["pid"]);
        }
        for host in list(&status["lab"]["hosts"]) {
            note(format!("host {}", text(&host["name"])), &host["pid"]);
        }
        for host in list(&status["hosts"]) {
            note(format!("VMkernel of {}", text(&host["name"])), &host["vmkernel-pid"]);
            for vm in list(&host["vms"]) {
                note(text(&vm["name"]), &vm["pid"]);
            }
        }
        pids
    }

    /// What a host says about itself; null if it does not run.
    pub(crate) fn host(&self, name: &str) -> Value {
        let mut status = self.status();
        let hosts = status["hosts"].as_array_mut().unwrap();
        hosts.iter_mut().find(|host| host["name"] == name).map_or(Value::Null, Value::take)
    }

    /// One port of a host.
    pub(crate) fn port(&self, host: &str, port: &str) -> Value {
        let mut host = self.host(host);
        let switches = host["vswitches"].as_array_mut().into_iter().flatten();
        let mut ports = switches.flat_map(|vswitch| vswitch["ports"].as_array_mut().unwrap());
        ports.find(|found| found["name"] == port).map_or(Value::Null, Value::take)
    }

    /// Is there an answer to one ping? `expected` says how long to wait for it: an answer may take long on a busy
    /// system, silence must end some time.
    pub(crate) fn reaches(&self, from: &str, to_address: &str, expected: bool) -> bool {
        let program = self.nsw.program().to_str().unwrap();
        let patience = if expected { "10000" } else { "400" };
        let ping = [program, "vm-ping", to_address, "--count", "1", "--fresh", "--timeout-ms", patience];
        let ran = self.exec(from, &ping);
        let report: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("ping from {from}: {error}: {}{}", ran.stdout, ran.stderr));
        report["received"] == 1
    }

    /// Fails unless pings from `from` to each address are answered, or are not.
    #[track_caller]
    pub(crate) fn check_reaches(&self, from: &str, to_address: &str, expected: bool) {
        let reached = self.reaches(from, to_address, expected);
        assert_eq!(reached, expected, "{from} reaches {to_address}");
    }

    /// Waits until the port's guest asks for promiscuous mode, or no longer does.
    #[track_caller]
    pub(crate) fn wait_until_asks(&self, host: &str, port: &str, promiscuous: bool) {
        eventually(&format!("{host}/{port} asks: {promiscuous}"), || {
            (self.port(host, port)["asks-promiscuous"] == promiscuous).then_some(())
        });
    }
}

impl Drop for Lab<'_> {
    fn drop(&mut self) {
        let _ = self.lab("down", &[]);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// An example's text, as lab `name`.
pub(crate) fn example(file: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(file);
    let text = fs::read_to_string(path).unwrap();
    let lab = text.lines().find(|line| line.starts_with("lab: ")).unwrap();
    text.replacen(lab, &format!("lab: {name}"), 1)
}
