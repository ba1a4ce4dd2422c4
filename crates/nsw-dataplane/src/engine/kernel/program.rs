//! The program: loaded with its maps, attached to devices, run on frames that we hand it.
//!
//! The object is compiled by `cargo xtask bpf` and stands beside its source; nobody who builds this crate needs a
//! compiler for it.

use std::path::Path;

use aya::programs::links::{FdLink, PinnedLink};
use aya::programs::tc::{NlOptions, TcAttachOptions, qdisc_add_clsact};
use aya::programs::{LinkOrder, SchedClassifier, TcAttachType, TestRun, TestRunOptions};
use aya::util::KernelVersion;
use aya::{Ebpf, EbpfLoader, VerifierLogLevel};

use super::error::KernelError;
use super::layout;
use super::maps::NAMES;
use super::pins::Pins;
use crate::netns::Namespace;

static OBJECT: &[u8] = aya::include_bytes_aligned!("../../bpf/switch.bpf.o");

/// The program attached to a device.
#[derive(Debug)]
pub(super) enum Link {
    /// For as long as this is held.
    Held { _link: FdLink },
    /// For as long as its file is there.
    Pinned { _link: PinnedLink },
    /// By a kernel that has no links for it (before 6.6): until it is detached.
    Filter { _link: aya::programs::tc::SchedClassifierLink },
}

/// Has this kernel links that can be pinned (since 6.6)? Without, a program stays on a device as a filter of its queueing
/// discipline, which ends with us.
pub(super) fn has_links() -> bool {
    KernelVersion::current().is_ok_and(|version| version >= KernelVersion::new(6, 6, 0))
}

/// The loaded object.
#[derive(Debug)]
pub(super) struct Program {
    ebpf: Ebpf,
    probe_loaded: bool,
}

impl Program {
    /// Loads the object. Maps that are pinned are used as they are.
    pub(super) fn load(pins: Option<&Pins>) -> Result<Self, KernelError> {
        // The verifier's log takes as long as the verifier; it is only wanted if the verifier has an objection.
        Self::load_telling(pins, VerifierLogLevel::DISABLE).or_else(|error| match error {
            KernelError::Load(_) => Self::load_telling(pins, VerifierLogLevel::default()),
            other => Err(other),
        })
    }

    fn load_telling(pins: Option<&Pins>, level: VerifierLogLevel) -> Result<Self, KernelError> {
        let mut loader = EbpfLoader::new();
        loader.verifier_log_level(level);
        if let Some(pins) = pins {
            for name in NAMES {
                loader.map_pin_path(name, pins.map(name));
            }
        }
        let ebpf = loader.load(OBJECT).map_err(refused)?;
        let mut program = Self { ebpf, probe_loaded: false };
        program.program("nsw_switch")?.load().map_err(refused)?;
        program.program("nsw_prepare")?.load().map_err(refused)?;
        Ok(program)
    }

    pub(super) fn ebpf(&self) -> &Ebpf {
        &self.ebpf
    }

    pub(super) fn ebpf_mut(&mut self) -> &mut Ebpf {
        &mut self.ebpf
    }

    /// Attaches the program to the side of `device` on which its frames come in.
    pub(super) fn attach(
        &mut self,
        namespace: &Namespace,
        device: &str,
        pin: Option<&Path>,
    ) -> Result<Link, KernelError> {
        let failed = |reason: String| KernelError::Attach { device: device.to_owned(), reason };
        let links = has_links();
        let program = self.program("nsw_switch")?;
        let attached = namespace.run(|| {
            let options = if links {
                TcAttachOptions::TcxOrder(LinkOrder::default())
            } else {
                // It is there already if somebody else attached something; that is looked at before.
                let _ = qdisc_add_clsact(device);
                TcAttachOptions::Netlink(NlOptions::default())
            };
            let id = program.attach_with_options(device, TcAttachType::Ingress, options)?;
            program.take_link(id)
        })?;
        let link = attached.map_err(|error| failed(chain(&error)))?;
        if !links {
            return Ok(Link::Filter { _link: link });
        }
        let link: FdLink = link.try_into().map_err(|error| failed(chain(&error)))?;
        match pin {
            None => Ok(Link::Held { _link: link }),
            Some(path) => {
                link.pin(path).map(|link| Link::Pinned { _link: link }).map_err(|error| failed(chain(&error)))
            }
        }
    }

    /// Lets the link pinned at `path` run this program instead of the one that it runs. No frame passes by either.
    pub(super) fn take_over(&mut self, path: &Path) -> Result<Link, KernelError> {
        let failed = |reason: String| KernelError::Attach { device: path.display().to_string(), reason };
        let link = PinnedLink::from_pin(path).map_err(|error| failed(chain(&error)))?;
        let link = FdLink::from(link).try_into().map_err(|error| failed(chain(&error)))?;
        let program = self.program("nsw_switch")?;
        let id = program.attach_to_link(link).map_err(|error| failed(chain(&error)))?;
        drop(program.take_link(id).map_err(|error| failed(chain(&error)))?);
        PinnedLink::from_pin(path)
            .map(|link| Link::Pinned { _link: link })
            .map_err(|error| failed(chain(&error)))
    }

    /// Forgets what is remembered of ports that are gone.
    pub(super) fn prepare(&mut self) -> Result<(), KernelError> {
        self.run("nsw_prepare", &[layout::FORGET_THE_GONE; 64].map(layout::byte))
    }

    /// Forgets what is too old.
    pub(super) fn sweep(&mut self) -> Result<(), KernelError> {
        self.run("nsw_prepare", &[layout::FORGET_THE_OLD; 64].map(layout::byte))
    }

    /// Decides about `frame` as the probe map says, and notes the outcome there.
    pub(super) fn probe(&mut self, frame: &[u8]) -> Result<(), KernelError> {
        if !self.probe_loaded {
            self.program("nsw_probe")?.load().map_err(refused)?;
            self.probe_loaded = true;
        }
        self.run("nsw_probe", frame)
    }

    fn run(&mut self, name: &str, frame: &[u8]) -> Result<(), KernelError> {
        let options = TestRunOptions { data_in: Some(frame), ..TestRunOptions::default() };
        self.program(name)?.test_run(options).map(drop).map_err(refused)
    }

    fn program(&mut self, name: &str) -> Result<&mut SchedClassifier, KernelError> {
        let program = self.ebpf.program_mut(name);
        let program = program.ok_or_else(|| KernelError::Load(format!("it has no program `{name}`")))?;
        program.try_into().map_err(refused)
    }
}

fn refused(error: impl std::error::Error) -> KernelError {
    KernelError::Load(ends(&chain(&error)))
}

/// The beginning of a long text and its end, where a verifier says what it objects to.
fn ends(text: &str) -> String {
    const LINES: usize = 12;
    let lines: Vec<&str> = text.lines().collect();
    match lines.len().checked_sub(LINES) {
        Some(left_out @ 2..) => format!("{}\n...\n{}", lines[0], lines[left_out..].join("\n")),
        _ => text.to_owned(),
    }
}

/// An error with everything behind it.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
