//! `cargo xtask qemu-lab`: the demo's lab with a real VM as its nested host, and the demo's answers.
//!
//! The outer host is `nsw` on this machine, in a lab of its own. The nested host is a VM of QEMU behind a TAP port of that
//! host: Debian's cloud kernel, and `nsw host run` in it with two VMs that are namespaces there. Its requests reach the
//! outer switch over QMP. Every round of the demo is played in both labs, the one of namespaces first, and each
//! conversation must end alike: how many replies, and which frame died at which port of the outer host and why.
//!
//! Not compared: how many frames died, since a kernel repeats its ARP requests as it likes, and times.
//!
//! Needs root, network access to Debian's archive for the kernel the first time, and Debian's `qemu-system-x86`,
//! `busybox-static`, `iproute2`, `cpio`. QEMU emulates the processor, so `/dev/kvm` is not needed.

mod guest;
mod image;
mod outer;
mod rounds;

use std::io;
use std::path::Path;
use std::time::Instant;

use self::guest::Guest;
use self::outer::Outer;

/// Which engine moves the frames of a host; `None` leaves it to `nsw`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engines {
    pub(crate) outer: Option<String>,
    pub(crate) nested: Option<String>,
}

/// Plays it; false if an answer differs.
pub(crate) fn run(root: &Path, engines: &Engines) -> io::Result<bool> {
    let begun = Instant::now();
    let target = crate::target_folder(root);
    let nsw = crate::build_nsw(root, "dev")?;
    let folder = target.join("qemu-lab");
    let kernel = image::kernel(&folder)?;
    let initramfs = image::initramfs(&folder, &kernel, &nsw, engines.nested.as_deref())?;
    let expected = rounds::of_the_demo(&nsw)?;

    let outer = Outer::up(&nsw, &folder, engines.outer.as_deref())?;
    let mut guest = Guest::boot(&kernel, &initramfs, &outer)?;
    tell!("qemu-lab: the nested host is up after {} s", begun.elapsed().as_secs());
    outer.wait_until_asks(outer::NESTED_PORT)?;
    say!("outer host: {}; nested host: {}", outer.engine()?, guest.engine()?);

    let mut same = true;
    for expected in &expected {
        let played = rounds::play(&outer, &mut guest, expected)?;
        same &= rounds::compare(expected, &played);
    }
    say!(
        "{} rounds in {} s: {}",
        expected.len(),
        begun.elapsed().as_secs(),
        if same { "the same answers as the lab of namespaces" } else { "answers differ" }
    );
    Ok(same)
}
