//! Every sentence that the program has, with what it is told.
//!
//! The key of a message in the catalogues is its name in kebab case: `WhyVerdict` is `why-verdict`.

use std::fmt;

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
    PlaceSegment = "place-segment" { name }
    PlaceBridge = "place-bridge" { name }
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
    FixSettles = "fix-settles" {}
    FixNotNeeded = "fix-not-needed" {}
    FixNone = "fix-none" {}
    FixNoneVlan = "fix-none-vlan" {}
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
    ChangeMtu = "change-mtu" { host, vswitch, mtu }
    ChangeCheckPromiscuous = "change-check-promiscuous" { host, vswitch }
    ChangeActive = "change-active" { at, uplinks }
    // nsw audit: a finding, and what became of it.
    FindingOwn = "finding-own" { setting, value }
    FindingVswitch = "finding-vswitch" { setting, value }
    FindingDefault = "finding-default" { setting, value }
    FindingBare = "finding-bare" { setting, value }
    FindingBeside = "finding-beside" { finding, names }
    FindingSameAs = "finding-same-as" { finding, names }
    FindingPromiscuous = "finding-promiscuous" { finding, names }
    FindingInherited = "finding-inherited" { finding, names }
    AuditExcused = "audit-excused" { day, rule, object }
    AuditExcusedBy = "audit-excused-by" { day, owner, reason }
    AuditNoFinding = "audit-no-finding" {}
    AuditExpired = "audit-expired" { rule, object, day }
    AuditUnneeded = "audit-unneeded" { rule, object }
    AuditUnneededHint = "audit-unneeded-hint" { rule, object, meant }
    AuditSum = "audit-sum" { findings }
    AuditSumBySeverity = "audit-sum-by-severity" { findings, detail }
    AuditSumExceptions = "audit-sum-exceptions" { sum, excused, expired, unneeded }
    // nsw why --symptom: what is behind it.
    SymptomTried = "symptom-tried" { phrase, pairs }
    SymptomLeftOut = "symptom-left-out" { ends }
    SymptomNothing = "symptom-nothing" {}
    LabelSeen = "label-seen" {}
    LabelTest = "label-test" {}
    LabelChangeBy = "label-change-by" {}
    LabelIf = "label-if" {}
    LabelElse = "label-else" {}
    LeadExplains = "lead-explains" { pairs, from, to }
    LeadTestOn = "lead-test-on" { on }
    LeadPhysicalSwitch = "lead-physical-switch" {}
    WhatDies = "what-dies" { reason, place }
    WhatNotAsking = "what-not-asking" { place }
    WhatGroupUnheard = "what-group-unheard" { place }
    WhatFloodedByTeam = "what-flooded-by-team" { place }
    WhatForgedReflection = "what-forged-reflection" { place }
    WhatTwoWays = "what-two-ways" { place }
    WhatLoop = "what-loop" { place }
    SeenDies = "seen-dies" { place, reason }
    SeenDiesUnasked = "seen-dies-unasked" { place, reason }
    SeenTalkIfAsked = "seen-talk-if-asked" {}
    SeenOtherWay = "seen-other-way" { from, to }
    SeenAnswers = "seen-answers" { who, whom }
    SeenLarge = "seen-large" { large }
    SeenSmall = "seen-small" { small }
    SeenBroadcast = "seen-broadcast" { from }
    SeenClientBroadcast = "seen-client-broadcast" {}
    SeenAnswerIsUnicast = "seen-answer-is-unicast" { client }
    SeenLoop = "seen-loop" {}
    SeenCopies = "seen-copies" { copies }
    SeenOneByOption = "seen-one-by-option" {}
    SeenOneByGuard = "seen-one-by-guard" {}
    SeenOneByOneUplink = "seen-one-by-one-uplink" {}
    SeenOnlySniffed = "seen-only-sniffed" { group }
    SeenFailback = "seen-failback" { uplink, host, until }
    SeenMoved = "seen-moved" { vm, target }
    ShowsPromiscuity = "shows-promiscuity" {}
    ShowsGroupMissing = "shows-group-missing" {}
    ShowsOptionOff = "shows-option-off" {}
    ShowsInsideAddress = "shows-inside-address" {}
    ShowsTwoUplinks = "shows-two-uplinks" {}
    ShowsOverAndOver = "shows-over-and-over" {}
    ShowsMacForgery = "shows-mac-forgery" {}
    ShowsVlanTagMismatch = "shows-vlan-tag-mismatch" {}
    ShowsNotAtThePort = "shows-not-at-the-port" {}
    ShowsOtherUplink = "shows-other-uplink" {}
    ShowsOtherAddress = "shows-other-address" {}
    ShowsNoUplink = "shows-no-uplink" {}
    ShowsMtu = "shows-mtu" {}
    ShowsOptionOn = "shows-option-on" {}
    ShowsShaping = "shows-shaping" {}
    ShowsDropped = "shows-dropped" {}
    ShowsTwice = "shows-twice" {}
    ShowsLearnedElsewhere = "shows-learned-elsewhere" {}
    ShowsOtherVlan = "shows-other-vlan" {}
    ShowsNothing = "shows-nothing" {}
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
    TightenPorts = "tighten-ports" { count }
    TightenNotMeasured = "tighten-not-measured" { limit }
    TightenTogether = "tighten-together" { reads, sends }
    TightenTogetherNothing = "tighten-together-nothing" {}
    TightenNoDiff = "tighten-no-diff" { why }
    // Words in pictures.
    PictureLab = "picture-lab" { lab }
    PictureTalk = "picture-talk" { from, to, lab }
    PictureAbout = "picture-about" { hosts }
    PictureHost = "picture-host" {}
    PictureNestedHost = "picture-nested-host" {}
    PictureAHost = "picture-a-host" { name }
    PictureANestedHost = "picture-a-nested-host" { name }
    PictureSegment = "picture-segment" {}
    PictureMoreHosts = "picture-more-hosts" { count }
    PictureMoreStations = "picture-more-stations" { count }
    PictureMore = "picture-more" { count }
    PictureOthers = "picture-others" { count }
    PictureStationMac = "picture-station-mac" { name, mac }
    PictureAdapterMac = "picture-adapter-mac" { name, mac }
    PictureVmMacs = "picture-vm-macs" { name, macs }
    PictureVmkernelMac = "picture-vmkernel-mac" { name, mac }
    PictureShaped = "picture-shaped" {}
    PictureOwnTeaming = "picture-own-teaming" {}
    PictureBridges = "picture-bridges" {}
    PictureAsks = "picture-asks" {}
    PictureChangesMac = "picture-changes-mac" {}
    PictureTags = "picture-tags" { vlan }
    PictureUntagged = "picture-untagged" {}
    PictureTrunk = "picture-trunk" {}
    PictureMacLearning = "picture-mac-learning" {}
    PictureAllowList = "picture-allow-list" { count }
    PictureSink = "picture-sink" {}
    PictureLearningFilter = "picture-learning-filter" {}
    PictureSourceGuard = "picture-source-guard" {}
    PictureSetHere = "picture-set-here" {}
    PictureInherited = "picture-inherited" {}
    PictureOwn = "picture-own" { setting }
    PictureAt = "picture-at" { place }
    PictureMark = "picture-mark" { letter, reason, place, summary }
    PictureMarkBy = "picture-mark-by" { letter, reason, place, summary, policy }
    PictureNotAsked = "picture-not-asked" {}
    PictureNotAsking = "picture-not-asking" {}
    MatrixTitle = "matrix-title" { lab }
    MatrixAbout = "matrix-about" {}
    MatrixReaches = "matrix-reaches" { pairs }
    MatrixOneWay = "matrix-one-way" { pairs }
    MatrixApart = "matrix-apart" { pairs }
    MatrixNoNetwork = "matrix-no-network" { pairs }
    MatrixSome = "matrix-some" {}
    MatrixOthers = "matrix-others" { count }
    MatrixEnds = "matrix-ends" { count }
    MatrixEndsOnHost = "matrix-ends-on-host" { count, host }
    MatrixEndsOnHosts = "matrix-ends-on-hosts" { count, hosts }
    MatrixSegments = "matrix-segments" {}
    MatrixHosts = "matrix-hosts" {}
    MatrixNestedHosts = "matrix-nested-hosts" {}
    MatrixRest = "matrix-rest" {}
    StrandArrived = "strand-arrived" { legs, from, to }
    StrandDuplicated = "strand-duplicated" { legs, from, to, copies }
    StrandDied = "strand-died" { legs, from, to, mark }
    StrandWouldArrive = "strand-would-arrive" { legs, from, to }
    StrandWouldDie = "strand-would-die" { legs, from, to, mark }
    // nsw trace: a step of a switch.
    StepEnters = "step-enters" { vswitch, port, group }
    StepEntersByUplink = "step-enters-by-uplink" { vswitch, port }
    StepEntersNowhere = "step-enters-nowhere" { port }
    StepUntagged = "step-untagged" { vlan }
    StepTagged = "step-tagged" { tag, vlan }
    StepUntaggedMisfit = "step-untagged-misfit" { mode }
    StepTaggedMisfit = "step-tagged-misfit" { tag, mode }
    StepHiddenTagMisfit = "step-hidden-tag-misfit" { mode }
    StepModeVlan = "step-mode-vlan" { vlan }
    StepModeUntagged = "step-mode-untagged" {}
    StepModeGuest = "step-mode-guest" {}
    StepOwnSource = "step-own-source" { src }
    StepOtherSource = "step-other-source" { src, effective }
    StepOtherSourceAccepted = "step-other-source-accepted" { src, effective }
    StepOtherSourceAllowed = "step-other-source-allowed" { src, effective }
    StepBroadcast = "step-broadcast" {}
    StepGroup = "step-group" { dst }
    StepRegistered = "step-registered" { dst, port }
    StepLearned = "step-learned" { dst, port }
    StepNotRegistered = "step-not-registered" { dst, vlan }
    StepShotgun = "step-shotgun" {}
    StepLeave = "step-leave" { port }
    StepCopy = "step-copy" { port }
    StepDeliver = "step-deliver" { port }
    StepDeliverLearned = "step-deliver-learned" { port }
    StepDeliverAllowed = "step-deliver-allowed" { port }
    StepFlood = "step-flood" { port }
    StepSink = "step-sink" { port }
    StepWithTag = "step-with-tag" { delivery, tag }
    StepWithoutTag = "step-without-tag" { delivery }
    StepRefuse = "step-refuse" { port, reason }
    StepDrop = "step-drop" { reason }
    // nsw trace: a bridge, and whoever is given a copy.
    BridgeFloods = "bridge-floods" { from }
    BridgeKnows = "bridge-knows" { from, port }
    BridgeKnowsBack = "bridge-knows-back" { from }
    BridgeLinkLocal = "bridge-link-local" { from }
    BridgeMalformed = "bridge-malformed" { from }
    TraceNowhere = "trace-nowhere" { port }
    TraceNotItsAddress = "trace-not-its-address" { name }
    TraceNotItsVlan = "trace-not-its-vlan" { name }
    TraceLoop = "trace-loop" {}
    TraceTooMany = "trace-too-many" {}
    // nsw trace: a conversation.
    TraceLeg = "trace-leg" { number, frame, from, to }
    TraceToBroadcast = "trace-to-broadcast" {}
    TraceToGroup = "trace-to-group" { dst }
    TraceLegNotSent = "trace-leg-not-sent" { number, frame }
    TraceLegNotSentAs = "trace-leg-not-sent-as" { number, frame, summary }
    TraceArrived = "trace-arrived" { name }
    TraceArrivedCopies = "trace-arrived-copies" { name, copies }
    TraceDied = "trace-died" { place, reason }
    TraceAt = "trace-at" { place, reason }
    TraceBecause = "trace-because" { place, reason }
    TraceBecauseAt = "trace-because-at" { place }
    TraceNotAsking = "trace-not-asking" {}
    TraceWayArrives = "trace-way-arrives" { from, to }
    TraceWayDies = "trace-way-dies" { from, to, frame }
    TraceWayWouldDie = "trace-way-would-die" { from, to, frame }
    TraceNoNetwork = "trace-no-network" { from, to }
    TraceNoAddress = "trace-no-address" { from, to, whose }
    TraceItself = "trace-itself" { from, to }
    // nsw lab drops.
    DropsDied = "drops-died" { frame, place }
    DropsWentOn = "drops-went-on" { frame, place }
    DropsTimes = "drops-times" { frame, count }
    DropsNoPort = "drops-no-port" {}
    DropsNotTo = "drops-not-to" { place, reason }
    DropsReason = "drops-reason" { reason, policy }
    FrameArpRequest = "frame-asks" { sender, target }
    FrameArpReply = "frame-answers" { sender, target }
    FrameBetween = "frame-between" { what, from, to }
    // nsw demo.
    DemoTitle = "demo-title" {}
    DemoLive = "demo-live" {}
    DemoSimulated = "demo-simulated" {}
    DemoNotLive = "demo-not-live" { why }
    DemoNotLinux = "demo-not-linux" {}
    DemoOpening = "demo-opening" {}
    DemoRoundClosed = "demo-round-closed" {}
    DemoRoundMethod1 = "demo-round-method-1" {}
    DemoRoundMethod2 = "demo-round-method-2" {}
    DemoRoundForgedOnly = "demo-round-forged-only" {}
    DemoRoundPromiscuousOnly = "demo-round-promiscuous-only" {}
    DemoRoundMacChangesOnly = "demo-round-mac-changes-only" {}
    DemoReplies = "demo-replies" { received, sent }
    DemoMedian = "demo-median" { replies, us }
    DemoDuplicates = "demo-duplicates" { replies, count }
    DemoCopies = "demo-copies" { name, count }
    DemoArrived = "demo-arrived" { frame }
    DemoDied = "demo-died" { frame, sender, place }
    DemoDiedTimes = "demo-died-times" { frame, sender, place, count }
    DemoUplink = "demo-uplink" { name }
    DemoAsks = "demo-asks" { port, reason }
    DemoNoPolicy = "demo-no-policy" {}
    DemoShows = "demo-shows" {}
    DemoTwoSettings = "demo-two-settings" {}
    DemoExposes = "demo-exposes" { first, second }
    DemoNext = "demo-next" {}
}

/// By its key: what it is told may be anything.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
