//! What is behind a symptom: each cause with what was seen, and the test that tells it from the next.

use unicode_width::UnicodeWidthStr as _;

use super::lines::Lines;
use super::{Reporter, padded};
use crate::doctor::symptom::{Lead, Leads, Seen, Test};
use crate::messages::Message;

impl Reporter<'_> {
    /// The causes of a symptom, most likely first.
    pub fn leads(&self, leads: &Leads) -> String {
        let Leads { symptom, tried, left_out, causes } = leads;
        let mut out = Lines::default();
        let phrase = &self.catalogue.symptom(*symptom);
        out.put(0, 2, &self.say(&Message::SymptomTried { phrase, pairs: tried }));
        if *left_out > 0 {
            out.put(2, 0, &self.say(&Message::SymptomLeftOut { ends: left_out }));
        }
        if causes.is_empty() {
            out.put(2, 0, &self.say(&Message::SymptomNothing {}));
        }
        for (number, lead) in (1..).zip(causes) {
            out.blank();
            out.put(0, 3, &format!("{number}. {}", lead.what.words(self.catalogue)));
            self.lead(&mut out, lead);
            if number < causes.len() {
                self.clauses(&mut out, &Message::LabelElse {}, &[(number + 1).to_string()]);
            }
        }
        out.0
    }

    fn lead(&self, out: &mut Lines, lead: &Lead) {
        if let Some(setting) = self.lead_setting(lead) {
            out.put(2, 2, &setting);
        }
        if let Some(position) = lead.position.filter(|_| lead.setting.is_some()) {
            out.put(2, 2, &self.say(&Message::WhySetIn { file: &self.file, line: &position.line }));
        }
        let (from, to) = &lead.pairs[0];
        out.put(2, 2, &self.say(&Message::LeadExplains { pairs: &lead.pairs.len(), from, to }));
        let Test { trace, command, shows, .. } = &lead.test;
        let seen = self.seen(&lead.seen);
        self.clauses(out, &Message::LabelSeen {}, &seen);
        let column = self.label_columns();
        out.verbatim(2 + column, trace);
        let on = &self.test_on(&lead.test);
        self.clauses(out, &Message::LabelTest {}, &[self.say(&Message::LeadTestOn { on })]);
        out.verbatim(2 + column, command);
        let shows: Vec<String> = self.say(shows).split("; ").map(str::to_owned).collect();
        self.clauses(out, &Message::LabelIf {}, &shows);
        if let Some(size) = lead.size() {
            let command = format!("nsw fix {} {from} {to} --size {size}", self.file);
            self.clauses(out, &Message::LabelChangeBy {}, &[command]);
        }
    }

    /// The setting behind a cause, and where it was set.
    pub fn lead_setting(&self, lead: &Lead) -> Option<String> {
        lead.setting.as_ref().map(|policy| self.catalogue.policy_at(lead.what.place(), policy))
    }

    /// What was seen, clause by clause.
    pub fn seen(&self, seen: &[Seen]) -> Vec<String> {
        let clauses = seen.iter().map(|seen| seen.words(self.catalogue));
        clauses.flat_map(|clause| clause.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    /// Where to run a test.
    pub fn test_on(&self, test: &Test) -> String {
        test.on.clone().unwrap_or_else(|| self.say(&Message::LeadPhysicalSwitch {}))
    }

    /// A label, and clauses behind it, each in a line of its own.
    fn clauses(&self, out: &mut Lines, label: &Message<'_>, clauses: &[String]) {
        let column = self.label_columns();
        let mut head = padded(&self.say(label), column);
        for clause in clauses {
            out.put(2, column, &format!("{head}{clause}"));
            head = " ".repeat(column);
        }
    }

    /// How wide the labels are, with the space behind the widest.
    fn label_columns(&self) -> usize {
        let labels = [
            Message::LabelSeen {},
            Message::LabelTest {},
            Message::LabelIf {},
            Message::LabelElse {},
            Message::LabelChangeBy {},
        ];
        labels.iter().map(|label| self.say(label).width() + 1).max().unwrap_or(0)
    }
}
