//! The demo in the simulator: the same rounds, decided by the same function, without a network.

use nsw_core::{Action, Security};
use nsw_lab::messages::Message;
use nsw_lab::sim::{Conversation, LegVerdict, World};

use super::story::{
    BYSTANDER, DeathReport, INNER_VM, NESTED_GROUP, NESTED_HOST, NESTED_PORT, OUTER_HOST, OUTSIDE,
    PingOutcome, Refused, Round, RoundReport, Stage, VSWITCH,
};
use crate::commands::output::Failure;
use crate::commands::vm_init::PingReport;

pub(super) struct Simulated {
    world: World,
}

impl Simulated {
    pub(super) fn new(lab: &str) -> Result<Self, Failure> {
        let parsed = nsw_lab::spec::parse("examples/nested.yaml", lab).map_err(miette::Report::new)?;
        Ok(Self { world: World::new(&parsed.lab).map_err(Failure::new)? })
    }

    fn set(&mut self, round: &Round) -> Result<(), Failure> {
        let action = |accept: bool| if accept { Action::Accept } else { Action::Reject };
        let security = |[promiscuous, mac_changes, forged_transmits]: [Option<bool>; 3]| {
            Security { promiscuous, mac_changes, forged_transmits }.map(|accept| accept.map(action))
        };
        self.world
            .set_security(OUTER_HOST, VSWITCH, None, security(round.vswitch.map(Some)))
            .and_then(|()| {
                self.world.set_security(OUTER_HOST, VSWITCH, Some(NESTED_GROUP), security(round.group))
            })
            .map_err(Failure::new)
    }

    fn ping(&self, from: &str, to: &str) -> Result<(PingOutcome, u64), Failure> {
        let find = |name: &str| self.world.find(name).map_err(Failure::new);
        let conversation = self.world.converse(find(from)?, find(to)?);
        let copies = conversation
            .bystanders()
            .iter()
            .filter(|bystander| bystander.name.starts_with(BYSTANDER))
            .map(|bystander| bystander.copies as u64)
            .sum();
        let reachable = conversation.verdict == nsw_lab::sim::Verdict::Reachable;
        let report = PingReport { sent: 1, received: u32::from(reachable), duplicates: 0, median_us: None };
        let deaths = deaths(&conversation, [from, to]);
        Ok((PingOutcome { from: from.to_owned(), to: to.to_owned(), report, deaths }, copies))
    }
}

impl Stage for Simulated {
    fn place(&self) -> Message<'static> {
        Message::DemoSimulated {}
    }

    fn play(&mut self, round: &Round) -> Result<RoundReport, Failure> {
        self.set(round)?;
        let mut pings = Vec::new();
        let mut bystander_copies = 0;
        for (from, to) in [(INNER_VM, OUTSIDE), (OUTSIDE, INNER_VM), (OUTSIDE, NESTED_HOST)] {
            let (ping, copies) = self.ping(from, to)?;
            pings.push(ping);
            bystander_copies += copies;
        }
        Ok(RoundReport { title: round.title, reachable: round.reachable, pings, bystander_copies })
    }
}

fn deaths(conversation: &Conversation, [from, to]: [&str; 2]) -> Vec<DeathReport> {
    let died = conversation.legs.iter().filter_map(|leg| match &leg.verdict {
        LegVerdict::Died(death) => Some((leg, death)),
        LegVerdict::Arrived { .. } | LegVerdict::NotSent => None,
    });
    died.map(|(leg, death)| DeathReport {
        frame: leg.kind.name().to_owned(),
        sender: if leg.kind.is_question() { from } else { to }.to_owned(),
        place: death.place.clone(),
        reason: death.cause.code().to_owned(),
        policy: death.policy.as_ref().map(|policy| policy.text.clone()),
        refused: death
            .refusals
            .iter()
            .filter(|refused| refused.place.port.as_deref() == Some(NESTED_PORT))
            .map(|refused| Refused {
                reason: refused.reason.code().to_owned(),
                policy: refused.policy.as_ref().map(|policy| policy.text.clone()),
            })
            .collect(),
        count: 1,
    })
    .collect()
}
