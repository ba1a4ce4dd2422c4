//! A fix written into the lab file: only the bytes that change, so comments and layout stay as they are.
//!
//! Each [`Change`] becomes a few edits of the YAML text at places that the parser gives (`edit/tree.rs`). What was written
//! is then read again, and must be exactly the lab that was tried; if it is not, for instance because a value stands
//! behind an alias that others use, nothing is written and [`EditError`] says so.
//!
//! **Invariant:** the text returned parses to the changed lab, or there is no text.

mod paths;
mod tree;

use nsw_core::{Action, AllowedMac, Learning, Mac};

use self::paths::Paths;
use self::tree::Tree;
use super::change::{Change, SecurityElement};
use crate::spec;
use crate::topology::Lab;

/// So many changes are written one after the other, each into the text of the one before.
const FEW: usize = 8;

/// A change that cannot be written into this file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no YAML, or stands where it cannot be edited.
    #[error("`{path}` cannot be edited in place: {why}")]
    Place {
        /// The keys that lead there.
        path: String,
        /// Why not.
        why: &'static str,
    },
    /// What was written is not what was tried.
    #[error("the edited file would not be the lab that was tried; edit it by hand")]
    NotTheSame,
    /// What was written is no lab file.
    #[error("the edited file would be wrong: {0}")]
    Wrong(String),
}

/// The text of the lab file with these changes. `lab` is what `text` means now.
///
/// # Errors
/// [`EditError`] if the text cannot be edited so that it means exactly the changed lab.
pub fn apply(text: &str, lab: &Lab, changes: &[Change]) -> Result<String, EditError> {
    if changes.len() > FEW {
        let wanted = Change::apply_all(changes, lab).map_err(|error| EditError::Wrong(error.to_string()))?;
        if let Some(edited) = policies_at_once(text, lab, changes)
            && means(&edited, &wanted).is_ok()
        {
            return Ok(edited);
        }
    }
    let mut edited = text.to_owned();
    let mut now = lab.clone();
    for change in changes {
        edited = apply_one(&edited, &now, change)?;
        change.apply(&mut now).map_err(|error| EditError::Wrong(error.to_string()))?;
    }
    means(&edited, &now)?;
    Ok(edited)
}

fn means(text: &str, lab: &Lab) -> Result<(), EditError> {
    let parsed = spec::parse("edited", text).map_err(|errors| EditError::Wrong(first_of(&errors)))?;
    if parsed.lab == *lab { Ok(()) } else { Err(EditError::NotTheSame) }
}

/// Hundreds of settings, and the text read once for each element of the policy instead of once for each setting. `None` if
/// something else is to be changed, or two edits meet at one place of the text.
fn policies_at_once(text: &str, lab: &Lab, changes: &[Change]) -> Option<String> {
    let paths = Paths { lab };
    let mut edited = text.to_owned();
    for element in SecurityElement::ALL {
        let tree = Tree::of(&edited).ok()?;
        let mut splices = Vec::new();
        for change in changes {
            let Change::Security { at, element: of, action } = change else { return None };
            if *of == element {
                let path =
                    [paths.scope(at), ["security", element.key()].map(str::to_owned).to_vec()].concat();
                splices.push(tree.set(&path, accept_or_reject(*action)).ok()?);
            }
        }
        edited = tree::all_made_in(&edited, splices)?;
    }
    Some(edited)
}

fn accept_or_reject(action: Action) -> &'static str {
    if action.accepts() { "accept" } else { "reject" }
}

/// The difference as a patch, with a line of context.
pub fn diff(file: &str, before: &str, after: &str) -> String {
    let diff = similar::TextDiff::from_lines(before, after);
    let (old, new) = (format!("a/{file}"), format!("b/{file}"));
    diff.unified_diff().context_radius(1).header(&old, &new).to_string()
}

fn first_of(errors: &spec::Diagnostics) -> String {
    errors.problems().first().map_or_else(|| errors.to_string(), |problem| problem.message.clone())
}

fn apply_one(text: &str, lab: &Lab, change: &Change) -> Result<String, EditError> {
    let paths = Paths { lab };
    match change {
        Change::Security { at, element, action } => {
            set(text, &paths.scope(at), &["security", element.key()], accept_or_reject(*action))
        }
        Change::Allow { at, mac } => allow(text, lab, &paths.scope(at), at, *mac),
        Change::Learn { at, learning } => {
            set(text, &paths.scope(at), &["beyond", "mac-learning"], &learning_text(learning))
        }
        Change::Sink { at } => set(text, &paths.scope(at), &["beyond", "sink"], "true"),
        Change::Vlan { host, port_group, id } => {
            let id = if *id == 4095 { "trunk".to_owned() } else { id.to_string() };
            set(text, &paths.port_group(host, port_group), &["vlan"], &id)
        }
        Change::AddPortGroup { host, name, like } => {
            let model = paths.port_group(host, like);
            Ok(Tree::of(text)?.copy_entry(&model, name)?.made_in(text))
        }
        Change::Connect { vm, nic, port_group } => {
            set(text, &paths.nic(vm, nic), &["port-group"], &tree::quoted(port_group))
        }
        Change::VnicMac { vm, nic, mac } => {
            let stated = state_followers(&state_owners(text, lab, *mac)?, lab, vm, nic)?;
            let edited = set(&stated, &paths.nic(vm, nic), &["mac"], &mac_text(*mac))?;
            if !is_taken(lab, *mac) {
                return Ok(edited);
            }
            set(&edited, &paths.nic(vm, nic), &["allow-duplicate-mac"], "true")
        }
        Change::KeepMac { vm, nic } => {
            let path = [paths.nic(vm, nic), vec!["guest-mac".to_owned()]].concat();
            Ok(Tree::of(text)?.remove(&path)?.made_in(text))
        }
        Change::VmkernelMac { host, vmk, mac } => {
            let stated = state_owners(text, lab, *mac)?;
            set(&stated, &paths.vmkernel(host, vmk), &["mac"], &mac_text(*mac))
        }
        Change::GuestVlan { vm, nic, id } => set(text, &paths.nic(vm, nic), &["vlan"], &id.to_string()),
        Change::AddUplink { host, vswitch, pnic } => {
            let path = [paths.vswitch(host, vswitch), vec!["uplinks".to_owned()]].concat();
            append(text, &path, &tree::quoted(pnic))
        }
        Change::Cable { host, pnic, segment } => {
            set(text, &paths.vmnic(host, pnic), &["segment"], &tree::quoted(segment))
        }
        Change::Mtu { host, vswitch, mtu } => {
            set(text, &paths.vswitch(host, vswitch), &["mtu"], &mtu.to_string())
        }
        Change::CheckPromiscuous { host, vswitch } => {
            set(text, &paths.vswitch(host, vswitch), &["options", "reverse-path-check-promiscuous"], "true")
        }
        Change::Active { at, uplinks } => {
            let path = paths.scope(at);
            let standby = [path.clone(), vec!["teaming".to_owned(), "standby".to_owned()]].concat();
            let edited = set(text, &path, &["teaming", "active"], &tree::list(uplinks))?;
            if Tree::of(&edited)?.has(&standby) {
                set(&edited, &path, &["teaming", "standby"], "[]")
            } else {
                Ok(edited)
            }
        }
    }
}

fn set(text: &str, object: &[String], keys: &[&str], value: &str) -> Result<String, EditError> {
    let path: Vec<String> = object.iter().cloned().chain(keys.iter().map(|key| (*key).to_owned())).collect();
    Ok(Tree::of(text)?.set(&path, value)?.made_in(text))
}

fn append(text: &str, path: &[String], item: &str) -> Result<String, EditError> {
    let tree = Tree::of(text)?;
    let splice = if tree.has(path) { tree.append(path, item) } else { tree.set(path, &format!("[{item}]")) };
    Ok(splice?.made_in(text))
}

/// A list that stands there already grows; a new one begins with what was inherited.
fn allow(
    text: &str,
    lab: &Lab,
    object: &[String],
    at: &super::change::Scope,
    mac: Mac,
) -> Result<String, EditError> {
    let path = [object, &["beyond".to_owned(), "allowed-macs".to_owned()]].concat();
    if Tree::of(text)?.has(&path) {
        return append(text, &path, &mac_text(mac));
    }
    let host = lab.host(&at.host);
    let vswitch = host.and_then(|host| host.vswitch(&at.vswitch));
    let inherited = vswitch.and_then(|vswitch| vswitch.beyond.allowed_macs.clone()).unwrap_or_default();
    let entries = inherited.into_iter().chain([AllowedMac::Exact(mac)]);
    let entries: Vec<String> = entries.map(|entry| format!("\"{entry}\"")).collect();
    Ok(Tree::of(text)?.set(&path, &format!("[{}]", entries.join(", ")))?.made_in(text))
}

/// Writes this address to the adapters that have it without saying so: a derived address gives way to one that the file
/// states, and then its owner would have another.
fn state_owners(text: &str, lab: &Lab, mac: Mac) -> Result<String, EditError> {
    let paths = Paths { lab };
    let physical = lab.hosts.iter().flat_map(|host| host.pnics.iter().map(move |pnic| (host, pnic)));
    let pnics = physical.filter(|(_, pnic)| pnic.mac == mac);
    let mut owners: Vec<_> = pnics.map(|(host, pnic)| paths.vmnic(&host.name, &pnic.name)).collect();
    for vm in lab.all_hosts().iter().flat_map(|(_, host)| &host.vms) {
        let nics = vm.nics.iter().filter(|nic| nic.mac == mac);
        owners.extend(nics.map(|nic| paths.nic(&vm.name, &nic.name)));
    }
    state(text, &owners, mac)
}

/// Writes its address to the VMkernel adapter of a nested host that has the one of this adapter without saying so, before
/// the adapter gets another: what was tried is that one address changes.
fn state_followers(text: &str, lab: &Lab, vm: &str, nic: &str) -> Result<String, EditError> {
    let Some(host) = lab.host(vm) else { return Ok(text.to_owned()) };
    let Some(mac) = host.pnics.iter().find(|pnic| pnic.name == nic).map(|pnic| pnic.mac) else {
        return Ok(text.to_owned());
    };
    let vmks = host.vmkernels.iter().filter(|vmk| vmk.mac == mac);
    let followers: Vec<_> = vmks.map(|vmk| Paths { lab }.vmkernel(vm, &vmk.name)).collect();
    state(text, &followers, mac)
}

/// Writes the address to each of these objects that states none.
fn state(text: &str, objects: &[Vec<String>], mac: Mac) -> Result<String, EditError> {
    objects.iter().try_fold(text.to_owned(), |text, object| {
        let path = [object.clone(), vec!["mac".to_owned()]].concat();
        let tree = Tree::of(&text)?;
        if tree.has(&path) { Ok(text.clone()) } else { Ok(tree.set(&path, &mac_text(mac))?.made_in(&text)) }
    })
}

/// Does another adapter of a VM have this address? A lab file wants it said that this is meant.
fn is_taken(lab: &Lab, mac: Mac) -> bool {
    let hosts = lab.all_hosts();
    let mut nics = hosts.iter().flat_map(|(_, host)| &host.vms).flat_map(|vm| &vm.nics);
    nics.any(|nic| nic.mac == mac)
}

/// Only what differs from the defaults.
fn learning_text(learning: &Learning) -> String {
    let unset = Learning::default();
    let mut keys = vec![format!("limit: {}", learning.limit)];
    if learning.at_limit != unset.at_limit {
        keys.push("at-limit: drop".to_owned());
    }
    if learning.ageing_s != unset.ageing_s {
        keys.push(format!("ageing-s: {}", learning.ageing_s));
    }
    if learning.unicast_flooding != unset.unicast_flooding {
        keys.push(format!("unicast-flooding: {}", learning.unicast_flooding));
    }
    format!("{{ {} }}", keys.join(", "))
}

/// In quotes: YAML would read some addresses as numbers to the base of sixty.
fn mac_text(mac: Mac) -> String {
    format!("\"{mac}\"")
}
