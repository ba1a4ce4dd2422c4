//! From a checked lab to the configuration of each host: who starts what, with which file and socket.
//!
//! A nested host appears twice: as a VM of the host around it, which boots `nsw host run`, and as a configuration of
//! its own. Nothing else connects the two.

use nsw_lab::topology::{Guest, Host, Lab, Vm};

use super::folder::LabFolder;
use crate::engine::{EngineWish, wished};
use crate::host::document::{HostDocument, VmDocument};

/// The configurations of a lab's hosts, outermost first. `program` is the path of `nsw` itself.
pub(crate) fn plan(lab: &Lab, folder: &LabFolder, program: &str, wishes: &[EngineWish]) -> Vec<HostDocument> {
    lab.all_hosts().into_iter().map(|(_, host)| document(host, folder, program, wishes)).collect()
}

/// The command that runs a host of this lab.
pub(crate) fn host_command(
    host: &str,
    folder: &LabFolder,
    program: &str,
    wishes: &[EngineWish],
) -> Vec<String> {
    let path = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let words = [program, "host", "run", "--config"].map(str::to_owned);
    let mut command = Vec::from(words);
    command.push(path(folder.host_config(host)));
    command.push("--socket".to_owned());
    command.push(path(folder.host_socket(host)));
    command.push("--ephemeral".to_owned());
    command.push(format!("--engine={}", wished(wishes, host)));
    command
}

fn document(host: &Host, folder: &LabFolder, program: &str, wishes: &[EngineWish]) -> HostDocument {
    HostDocument {
        name: host.name.clone(),
        pnics: host.pnics.iter().map(|pnic| pnic.name.clone()).collect(),
        vswitches: host.vswitches.iter().map(Into::into).collect(),
        vmkernel: host.vmkernels.iter().map(Into::into).collect(),
        vms: host.vms.iter().map(|vm| vm_document(vm, folder, program, wishes)).collect(),
        ports: Vec::new(),
    }
}

fn vm_document(vm: &Vm, folder: &LabFolder, program: &str, wishes: &[EngineWish]) -> VmDocument {
    let boot = match &vm.guest {
        Guest::Os | Guest::Bridge => Vec::new(),
        Guest::Host(inner) => host_command(&inner.name, folder, program, wishes),
    };
    VmDocument {
        name: vm.name.clone(),
        nics: vm.nics.iter().map(Into::into).collect(),
        bridge: vm.guest == Guest::Bridge,
        boot,
    }
}
