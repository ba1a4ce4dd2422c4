//! The rules of the audit: what each looks for, why, how much it matters, and which public guide says the same.
//!
//! Ids are ours and never change their meaning. A public guide's id stands here only if its text was read and says this;
//! where guides number the same control anew in each release, the releases stand side by side.

use std::fmt;
use std::str::FromStr;

/// Something that a hardening guide would object to.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Our stable id, as `NSW-PROMISCUOUS`.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Why that matters.
    pub rationale: &'static str,
    /// How much.
    pub severity: Severity,
    /// What to do about it.
    pub remedy: &'static str,
    /// The same control in public guides.
    pub references: &'static [Reference],
}

/// A control in a public hardening guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The guide and its release.
    pub guide: &'static str,
    /// The control's id or number in it.
    pub id: &'static str,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Low,
    /// Should be closed, or excused with a reason.
    Medium,
    /// Guests can read or impersonate others.
    High,
}

impl Severity {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|severity| severity.name() == word);
        found.ok_or_else(|| format!("`{word}` is no severity; there are low, medium and high"))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.guide, self.id)
    }
}

impl Rule {
    /// The rule with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id == id)
    }
}

/// About the exceptions themselves: one whose last day has passed. It cannot be excused.
pub static EXCEPTION_EXPIRED: Rule = Rule {
    id: "NSW-EXCEPTION-EXPIRED",
    title: "an exception has expired",
    rationale: "Somebody promised to look at this finding again by that day.",
    severity: Severity::High,
    remedy: "Close the finding, or have its owner give the exception a new day.",
    references: &[],
};

/// About the exceptions themselves: one for a finding that does not occur. It cannot be excused.
pub static EXCEPTION_UNNEEDED: Rule = Rule {
    id: "NSW-EXCEPTION-UNNEEDED",
    title: "an exception is not needed any more",
    rationale: "It would excuse the next finding of its kind, which nobody has looked at.",
    severity: Severity::Medium,
    remedy: "Remove it.",
    references: &[],
};

const fn stig_8(id: &'static str) -> Reference {
    Reference { guide: "ESXi 8 STIG", id }
}

const fn stig_7(id: &'static str) -> Reference {
    Reference { guide: "ESXi 7 STIG", id }
}

const fn vcf_9(id: &'static str) -> Reference {
    Reference { guide: "VCF 9 ESX STIG", id }
}

const fn cis_8(id: &'static str) -> Reference {
    Reference { guide: "CIS ESXi 8", id }
}

const fn cis_7(id: &'static str) -> Reference {
    Reference { guide: "CIS ESXi 7", id }
}

const fn scg_9(id: &'static str) -> Reference {
    Reference { guide: "SCG 9", id }
}

macro_rules! rules {
    ($($name:ident = $id:literal, $severity:ident, $title:literal,
        $rationale:literal,
        $remedy:literal,
        [$($reference:expr),* $(,)?];)*) => {
        $(pub(super) static $name: Rule = Rule {
            id: $id,
            title: $title,
            rationale: $rationale,
            severity: Severity::$severity,
            remedy: $remedy,
            references: &[$($reference),*],
        };)*

        /// Every rule, in the order of the documents.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    PROMISCUOUS = "NSW-PROMISCUOUS", High, "promiscuous mode is accepted",
        "A guest that asks for promiscuous mode reads every frame of its VLAN on this host, whoever it is for.",
        "Reject it; a nested host can be given an allow-list or MAC learning instead.",
        [
            stig_8("ESXI-80-000218"), stig_7("ESXI-70-000061"), vcf_9("VCFE-9X-000221"), cis_8("5.8"), cis_7("7.3"),
            scg_9("esx-9.network-standard-reject-promiscuous-mode"),
        ];
    FORGED = "NSW-FORGED", High, "forged transmits are accepted",
        "A guest can send under another's MAC address, and so answer for it or cut it off.",
        "Reject them; a nested host's addresses can be listed instead.",
        [
            stig_8("ESXI-80-000216"), stig_7("ESXI-70-000059"), cis_8("5.6"), cis_7("7.1"),
            scg_9("esx-9.network-standard-reject-forged-transmit"),
        ];
    MAC_CHANGES = "NSW-MAC-CHANGES", High, "MAC address changes are accepted",
        "A guest can take over another's MAC address as its own, and is then given what is for it. Nested hosts do not need this.",
        "Reject them, unless the guest really changes its address, as load balancing in unicast mode does.",
        [
            stig_8("ESXI-80-000217"), stig_7("ESXI-70-000060"), cis_8("5.7"), cis_7("7.2"),
            scg_9("esx-9.network-standard-reject-mac-changes"),
        ];
    OVERRIDE = "NSW-OVERRIDE", Low, "a port group overrides a security setting, though with Reject",
        "Who closes the vSwitch, or opens it, does not reach this port group. The STIG for ESXi 8 counts every override as a finding.",
        "Let the port group inherit, and set the vSwitch to Reject.",
        [stig_8("ESXI-80-000216"), stig_8("ESXI-80-000217"), stig_8("ESXI-80-000218")];
    SHARED = "NSW-SHARED-OPENING", Medium, "ordinary VMs share a port group that was opened",
        "The opening is meant for one guest, and every other guest of the port group has it too.",
        "Give the nested host a port group of its own, and the override there.",
        [];
    VGT = "NSW-GUEST-TAGGING", Medium, "a port group passes every VLAN (4095)",
        "Its guests see and reach all VLANs of the uplinks; with promiscuous mode they read all of them.",
        "Name the one VLAN that is needed, or excuse the trunk of a nested host.",
        [
            stig_8("ESXI-80-000220"), stig_7("ESXI-70-000064"), vcf_9("VCFE-9X-000223"), cis_8("5.10"), cis_7("7.6"),
            scg_9("esx-9.network-vgt"),
        ];
    NATIVE_VLAN = "NSW-NATIVE-VLAN", Medium, "a port group has VLAN 1, the native VLAN of most switches",
        "The physical switch sends its native VLAN without a tag; tagged frames of that VLAN are dropped, or end up elsewhere.",
        "Use another VLAN.",
        [stig_7("ESXI-70-000063"), cis_8("5.9"), cis_7("7.4")];
    UNTAGGED = "NSW-UNTAGGED", Low, "a port group of a physical host has no VLAN",
        "Its frames leave without a tag, and belong to whatever the physical switch's native VLAN is.",
        "Give it a VLAN, or make sure that the physical port is an access port.",
        [stig_7("ESXI-70-000063"), cis_8("5.9"), cis_7("7.4")];
    RESERVED_VLAN = "NSW-RESERVED-VLAN", Medium, "a port group has a VLAN that common physical switches reserve",
        "Catalyst switches reserve 1001 to 1024 and 4094, Nexus switches 3968 to 4094: the traffic may go nowhere.",
        "Use another VLAN, or excuse it where the switches are others.",
        [stig_7("ESXI-70-000065"), cis_7("7.5")];
    RPF_PROMISCUOUS = "NSW-RPF-PROMISCUOUS", Medium, "promiscuous ports on a team without Net.ReversePathFwdCheckPromisc",
        "What the physical switch floods comes by every uplink, and a promiscuous port is given every copy: duplicates, and bridges that learn wrong.",
        "Set the option to 1, then switch promiscuous mode off and on.",
        [scg_9("esx-9.network-rpf-promisc")];
    RPF = "NSW-RPF", Medium, "Net.ReversePathFwdCheck is off",
        "Broadcasts of this host that a physical switch sends back are delivered as if others had sent them.",
        "Leave it at its default, on.",
        [];
    BPDU = "NSW-GUEST-BPDU", Medium, "Net.BlockGuestBPDU is off",
        "A guest that sends bridge protocol frames can make a physical switch shut the port, and cut off the host.",
        "Switch it on.",
        [stig_8("ESXI-80-000215"), scg_9("esx-9.network-bpdu")];
    MANAGEMENT = "NSW-MANAGEMENT-SHARED", Medium, "VMs share a VLAN with the host's own VMkernel adapter",
        "A guest can address the host's management, vMotion or storage directly.",
        "Put the VMkernel adapter into a VLAN of its own.",
        [cis_8("5.11")];
    DUPLICATE_MAC = "NSW-DUPLICATE-MAC", Medium, "two adapters have the same MAC address",
        "Each switch delivers to where it knows the address from; the other one is cut off, or both are, by turns. Cloned hosts have this.",
        "Give one of them another address; on a cloned host make vmk0 anew.",
        [];
    SINK = "NSW-SINK", Medium, "ports are given every unicast frame that nobody else owns",
        "What the host sends to addresses outside is unknown to the vSwitch too, and the guest reads it.",
        "Use an allow-list, where the addresses are known.",
        [];
    ALLOWED_PREFIX = "NSW-ALLOWED-PREFIX", Medium, "an allow-list has a whole prefix",
        "A guest of the port group may send as any of sixteen million addresses, those of other VMs with the same prefix among them.",
        "List the addresses.",
        [];
    LEARNING = "NSW-LEARNING-UNBOUNDED", Low, "MAC learning that frames from one address more pass by",
        "A guest can fill the table; then its further addresses still pass, and what is for them is flooded.",
        "Set a limit that the nested host needs, and `at-limit: drop`.",
        [];
}
