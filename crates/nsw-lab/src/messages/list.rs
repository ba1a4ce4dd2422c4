//! Every sentence that the program has, with what it is told.
//!
//! The key of a message in the catalogues is its name in kebab case: `WhyVerdict` is `why-verdict`.

use fluent_bundle::FluentArgs;

use super::{Argument, arguments};

macro_rules! messages {
    ($($name:ident = $key:literal { $($argument:ident),* })*) => {
        /// A sentence and what it is told. The words are in the catalogues.
        #[allow(missing_docs, reason = "what a sentence says stands in the catalogue, under the same name")]
        #[derive(Clone, Copy)]
        pub enum Message<'a> {
            $($name { $($argument: &'a dyn Argument),* },)*
        }

        impl<'a> Message<'a> {
            /// Every key, with the names of its arguments.
            pub const ALL: &'static [(&'static str, &'static str, &'static [&'static str])] =
                &[$((stringify!($name), $key, &[$(stringify!($argument)),*]),)*];

            /// The key in the catalogues.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$name { .. } => $key,)* }
            }

            pub(super) fn arguments(&self) -> FluentArgs<'a> {
                match *self { $(Self::$name { $($argument),* } => arguments(&[$((stringify!($argument), $argument)),*]),)* }
            }
        }
    };
}

messages! {
    // nsw why: the answer.
    WhyVerdict = "why-verdict" { from, to, verdict }
    WhyLegs = "why-legs" {}
    WhyLegArrived = "why-leg-arrived" {}
    WhyLegDuplicated = "why-leg-duplicated" { copies }
    WhyLegDied = "why-leg-died" {}
    WhyLegNotSent = "why-leg-not-sent" {}
    WhyDiedHere = "why-died-here" { frame, from }
    WhyWouldDieHere = "why-would-die-here" { frame, from }
    WhyDiesAlso = "why-dies-also" { frame, from }
    WhyOnlyThisWay = "why-only-this-way" {}
    WhyDepth = "why-depth" { depth }
    WhySetIn = "why-set-in" { file, line }
    WhyDefaultOf = "why-default-of" { file, line }
    WhyNotAsking = "why-not-asking" { port }
    // nsw explain.
    ExplainOfASwitch = "explain-of-a-switch" {}
    ExplainBesideTheSwitch = "explain-beside-the-switch" {}
    ExplainPrintsAPage = "explain-prints-a-page" {}
    // The words in front of the lines.
    LabelPlace = "label-place" {}
    LabelReason = "label-reason" {}
    LabelSetting = "label-setting" {}
    LabelLine = "label-line" {}
    LabelFacts = "label-facts" {}
    LabelBecause = "label-because" {}
    LabelRouter = "label-router" {}
    // Where: parts of a place.
    PlaceHost = "place-host" { host, depth }
    PlacePortGroup = "place-port-group" { name }
    PlacePort = "place-port" { name }
    // The setting that decided.
    PolicyOwn = "policy-own" { setting, value, group }
    PolicyInherited = "policy-inherited" { setting, value, vswitch, group }
    PolicyDefault = "policy-default" { setting, value, vswitch, group }
    PolicySwitch = "policy-switch" { setting, value, vswitch }
    PolicySwitchDefault = "policy-switch-default" { setting, value, vswitch }
    // Facts that decided.
    FactSource = "fact-source" { src, effective }
    FactNotRegistered = "fact-not-registered" { dst, vlan }
    FactRegistered = "fact-registered" { dst, port }
    FactTagged = "fact-tagged" { tag }
    FactTaggedMisfit = "fact-tagged-misfit" { tag }
    FactUntaggedMisfit = "fact-untagged-misfit" {}
    FactUntagged = "fact-untagged" { vlan }
    // What is not known and decides.
    UnknownTitle = "unknown-title" {}
    UnknownAsksYes = "unknown-asks-yes" { who }
    UnknownAsksNo = "unknown-asks-no" { who }
    UnknownHeardLastYes = "unknown-heard-last-yes" { other, mac }
    UnknownHeardLastNo = "unknown-heard-last-no" { other, mac }
    UnknownLearnedYes = "unknown-learned-yes" {}
    UnknownLearnedNo = "unknown-learned-no" {}
    UnknownUplink = "unknown-uplink" { vswitch, host, talks, not }
    // What the file lacks.
    LackingAddress = "lacking-address" { whose }
    LackingAddressWouldTalk = "lacking-address-would-talk" { whose }
    LackingAddressWouldNotTalk = "lacking-address-would-not-talk" { whose }
    LackingNetwork = "lacking-network" { from, to }
    LackingItself = "lacking-itself" {}
    // What to do.
    FixTitle = "fix-title" {}
    FixTried = "fix-tried" { pairs }
    FixNone = "fix-none" {}
    FixNoneOnPlatform = "fix-none-on-platform" { platform }
    FixHarmful = "fix-harmful" { count }
    FixOnlyHarmful = "fix-only-harmful" { count }
    FixRouter = "fix-router" { name }
    FixMore = "fix-more" { file, from, to }
    FixApply = "fix-apply" { file, from, to }
    FixNumber = "fix-number" { number, count, manner }
    FixNoSuch = "fix-no-such" { number, count }
    // nsw fix: one fix in full.
    LabelChange = "label-change" {}
    LabelReads = "label-reads" {}
    LabelSends = "label-sends" {}
    LabelCopies = "label-copies" {}
    LabelGuides = "label-guides" {}
    LabelDiff = "label-diff" {}
    LabelUndo = "label-undo" {}
    OpensNoReads = "opens-no-reads" {}
    OpensNoSends = "opens-no-sends" {}
    OpensCopies = "opens-copies" { before, after }
    OpensMore = "opens-more" { names, more }
    OpensInShort = "opens-in-short" { reads, sends, findings, before, after }
    OpensFindings = "opens-findings" { findings }
    OpensNoFindings = "opens-no-findings" {}
    DiffRefused = "diff-refused" { why }
    RecipeOn = "recipe-on" { tool, host }
    Recipe = "recipe" { tool }
    RecipeInFile = "recipe-in-file" { number, file }
    RecipeElsewhere = "recipe-elsewhere" { change }
    UndoDiff = "undo-diff" {}
    Applied = "applied" { file, number, count }
    TakenBack = "taken-back" { file }
    // Manners of fixes.
    MannerAddress = "manner-address" {}
    MannerAllowList = "manner-allow-list" {}
    MannerLearning = "manner-learning" {}
    MannerSink = "manner-sink" {}
    MannerPromiscuousAllowList = "manner-promiscuous-allow-list" {}
    MannerPromiscuous = "manner-promiscuous" {}
    MannerOther = "manner-other" {}
    MannerOnDedicated = "manner-on-dedicated" { manner }
    MannerOnPortGroup = "manner-on-port-group" { manner }
    MannerOnVswitch = "manner-on-vswitch" { manner }
    // Changes.
    ChangeSecurity = "change-security" { at, setting, value }
    ChangeAllow = "change-allow" { at, mac }
    ChangeLearn = "change-learn" { at, limit }
    ChangeSink = "change-sink" { at }
    ChangeVlan = "change-vlan" { host, group, id }
    ChangeVlanTrunk = "change-vlan-trunk" { host, group }
    ChangeAddPortGroup = "change-add-port-group" { host, name, like }
    ChangeConnect = "change-connect" { vm, nic, group }
    ChangeVnicMac = "change-vnic-mac" { vm, nic, mac }
    ChangeKeepMac = "change-keep-mac" { vm, nic }
    ChangeVmkernelMac = "change-vmkernel-mac" { host, vmk, mac }
    ChangeGuestVlan = "change-guest-vlan" { vm, nic, id }
    ChangeGuestUntagged = "change-guest-untagged" { vm, nic }
    ChangeAddUplink = "change-add-uplink" { host, vswitch, pnic }
    ChangeCable = "change-cable" { host, pnic, segment }
    ChangeActive = "change-active" { at, uplinks }
    // nsw reach: who reaches whom.
    ReachLegend = "reach-legend" {}
    ReachAsked = "reach-asked" { ends, pairs, asked }
    ReachObstacles = "reach-obstacles" {}
    ReachObstacle = "reach-obstacle" { reason, place, frame }
    ReachMoreObstacles = "reach-more-obstacles" { more }
    CountHosts = "count-hosts" { count }
    // nsw exposure: who can read and impersonate whom.
    ExposureNow = "exposure-now" {}
    ExposureAtWorst = "exposure-at-worst" {}
    ExposurePortGroup = "exposure-port-group" {}
    ExposureOn = "exposure-on" {}
    ExposureReadsNow = "exposure-reads-now" {}
    ExposureSendsNow = "exposure-sends-now" {}
    ExposureNestedHosts = "exposure-nested-hosts" {}
    ExposureStations = "exposure-stations" {}
    ExposureOutside = "exposure-outside" {}
    ExposureNobody = "exposure-nobody" {}
    ExposureGroup = "exposure-group" {}
    ExposureEverything = "exposure-everything" {}
    ExposureLegend = "exposure-legend" {}
    ExposurePairsNow = "exposure-pairs-now" { reads, sends }
    ExposurePairsAtWorst = "exposure-pairs-at-worst" { reads, sends }
    ExposureReadBy = "exposure-read-by" { names }
    ExposureReads = "exposure-reads" { names }
    ExposureImpersonatedBy = "exposure-impersonated-by" { names }
    ExposureSendsAs = "exposure-sends-as" { names }
    // nsw tighten: what can be closed.
    TightenTitle = "tighten-title" {}
    TightenNone = "tighten-none" { needed }
    TightenNeeded = "tighten-needed" { count }
    TightenByItself = "tighten-by-itself" { reads, sends }
    TightenByItselfNothing = "tighten-by-itself-nothing" {}
    TightenTogether = "tighten-together" { reads, sends }
    TightenTogetherNothing = "tighten-together-nothing" {}
    TightenNoDiff = "tighten-no-diff" { why }
}
