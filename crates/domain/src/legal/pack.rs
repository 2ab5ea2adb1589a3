//! Reading the pack's files and cutting them by date.

use std::sync::OnceLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    LegalError,
    holidays::{self, DayOff, Occasion},
    reports::{Capacity, ReportForm},
    stretch::{all_in_force, in_force, within},
    texts::{Deadline, Text},
};
use crate::{
    body::BodyKind,
    counts,
    duty::Code,
    evidence::Evaluator,
    flaw,
    inspection::{self, Checklist},
    level::{LevelForm, Regime},
    monitoring,
    notice::{NoticeRules, Template},
    quick_reports,
    request::{Net, chase::Step, filter::Guard},
    roster,
    text::fold,
    weakness::{self, Weaknesses},
};

/// What the law says on the days from [`Pack::from`] on.
#[derive(Debug, Clone)]
pub struct Pack {
    /// First day.
    pub from: Date,
    duties: Vec<DutyTerm>,
    deadlines: Vec<Deadline>,
    texts: Vec<Text>,
    days_off: Vec<DayOff>,
    recipients: Vec<Recipient>,
    count_rules: counts::Rules,
    flaw_rules: flaw::Rules,
    weaknesses: Weaknesses,
    level_regime: Option<Regime>,
    level_form: Option<LevelForm>,
    count_shares: Vec<counts::Share>,
    quick_reports: Option<quick_reports::Terms>,
    notice_rules: Vec<NoticeRules>,
    notice_templates: Vec<Template>,
    reports: Vec<ReportForm>,
    capacities: Vec<Capacity>,
    checklist: Checklist,
    finding_rules: inspection::finding::Rules,
    finding_steps: Vec<inspection::finding::Step>,
    request_steps: Vec<Step>,
    protected: Vec<Protected>,
    duty_roster: Option<roster::Terms>,
    monitoring: Option<monitoring::Terms>,
}

/// One duty of the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyTerm {
    /// Its code.
    pub code: Code,
    /// Vietnamese name.
    pub vi: String,
    /// English name.
    pub en: String,
    /// Short Vietnamese name for the head of a column.
    pub short_vi: String,
    /// Short English name.
    pub short_en: String,
    /// What proves it, in Vietnamese.
    pub proof_vi: String,
    /// What proves it, in English.
    pub proof_en: String,
    /// Which evaluator judges it.
    pub evaluator: Evaluator,
    /// Whether it counts machines: *số máy đã xử lý / tổng số máy*.
    #[serde(default)]
    pub counted: bool,
    /// Whether it is a duty at all (HELP is not).
    #[serde(default = "yes")]
    pub owed: bool,
    /// Due so many hours after issue; without it, by the start of the window.
    pub due_hours: Option<u32>,
    /// Due at the end of the window rather than at its start.
    #[serde(default)]
    pub due_at_end: bool,
    /// First day in the catalogue.
    pub from: Option<Date>,
    /// Last day in the catalogue.
    pub until: Option<Date>,
}

/// Words of *Kính gửi* and of actors, and the kinds of body they mean.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The words; compared folded and whole.
    pub say: Vec<String>,
    /// The kinds of body meant.
    #[serde(default)]
    pub kinds: Vec<BodyKind>,
    /// The kinds to take when there is no body of `kinds` nor a successor of one.
    #[serde(default)]
    pub then: Vec<BodyKind>,
    /// The function by which successors are looked for.
    pub function: Option<String>,
    /// The words address nobody.
    #[serde(default)]
    pub nobody: bool,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// What may never be filtered as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// A domain with everything below it.
    pub name: Option<String>,
    /// Addresses and networks.
    #[serde(default)]
    pub nets: Vec<String>,
    /// Why, for whoever edits the list.
    pub note: Option<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

impl Pack {
    /// The catalogue of duties.
    pub fn duties(&self) -> &[DutyTerm] {
        &self.duties
    }
    /// One duty by its code.
    pub fn duty(&self, code: &str) -> Option<&DutyTerm> {
        self.duties.iter().find(|d| d.code.as_str() == code)
    }
    /// When bodies are reminded of requests.
    pub fn request_steps(&self) -> &[Step] {
        &self.request_steps
    }
    /// What may never be filtered, before the register adds its own hosts.
    pub fn guard(&self) -> Guard {
        let names = self.protected.iter().filter_map(|p| p.name.clone()).collect();
        let nets = self.protected.iter().flat_map(|p| &p.nets).filter_map(|n| n.parse().ok()).collect();
        Guard::new(names, nets)
    }
    /// What the words of *Kính gửi* mean.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }
    /// How old counts of machines may be, and what difference matters.
    pub fn count_rules(&self) -> &counts::Rules {
        &self.count_rules
    }
    /// By when flaws on machines must be mended.
    pub fn flaw_rules(&self) -> &flaw::Rules {
        &self.flaw_rules
    }
    /// What makes which weakness of a machine, and whose support ends when.
    pub fn weaknesses(&self) -> &Weaknesses {
        &self.weaknesses
    }
    /// Which texts govern levels of systems.
    pub fn level_regime(&self) -> Option<&Regime> {
        self.level_regime.as_ref()
    }
    /// The yearly form of levels; `None` where the pack knows of none.
    pub fn level_form(&self) -> Option<&LevelForm> {
        self.level_form.as_ref()
    }
    /// What share of each source's count are machines.
    pub fn count_shares(&self) -> &[counts::Share] {
        &self.count_shares
    }
    /// When quick reports are asked for and what they say; `None` where the pack knows of none.
    pub fn quick_reports(&self) -> Option<&quick_reports::Terms> {
        self.quick_reports.as_ref()
    }
    /// The rules of notices and bulletins; a pack replaced by one without them has none, and no notice can be made.
    pub fn notice_rules(&self) -> Option<&NoticeRules> {
        self.notice_rules.first()
    }
    /// The library of notices, in its order.
    pub fn notice_templates(&self) -> &[Template] {
        &self.notice_templates
    }
    /// What an inspection looks at.
    pub fn checklist(&self) -> &Checklist {
        &self.checklist
    }
    /// How long findings of an inspection may stay open.
    pub fn finding_rules(&self) -> inspection::finding::Rules {
        self.finding_rules
    }
    /// Who is reminded of a finding when.
    pub fn finding_steps(&self) -> &[inspection::finding::Step] {
        &self.finding_steps
    }
    /// One legal clock.
    pub fn deadline(&self, key: &str) -> Option<&Deadline> {
        self.deadlines.iter().find(|d| d.key == key)
    }
    /// Every legal text known, in force or not.
    pub fn texts(&self) -> &[Text] {
        &self.texts
    }
    /// A legal text by number and symbol, whether or not it is still in force.
    pub fn text(&self, reference: &str) -> Option<&Text> {
        self.texts.iter().find(|t| t.reference == reference)
    }
    /// The first wording of a kind of report: `campaign`, `reply`.
    pub fn report(&self, key: &str) -> Option<&ReportForm> {
        self.reports.iter().find(|r| r.key == key)
    }
    /// Who heads a body of that kind and name.
    pub fn capacity(&self, kind: BodyKind, name: &str) -> Option<&Capacity> {
        self.capacities.iter().find(|c| c.fits(kind, name))
    }
    /// The terms of duty: rest, check-ins, whom to wake.
    pub fn duty_roster(&self) -> Option<&roster::Terms> {
        self.duty_roster.as_ref()
    }
    /// The terms of watching; `None` where the pack has none: nothing is judged by them then.
    pub fn monitoring(&self) -> Option<&monitoring::Terms> {
        self.monitoring.as_ref()
    }
    /// Whether a day is worked: no weekend and no day off, as announced or by rule.
    pub fn is_worked(&self, day: Date) -> bool {
        holidays::is_worked(&self.days_off, day)
    }
    /// What an occasion key such as `tet-2027` or `30-4-2026` means, with its days off where they are known.
    pub fn occasion(&self, key: &str) -> Option<Occasion> {
        holidays::occasion(&self.days_off, key)
    }
    pub(super) fn empty() -> &'static Self {
        static EMPTY: OnceLock<Pack> = OnceLock::new();
        EMPTY.get_or_init(|| Pack {
            from: Date::MIN,
            duties: vec![],
            deadlines: vec![],
            texts: vec![],
            days_off: vec![],
            recipients: vec![],
            count_rules: counts::Rules::default(),
            flaw_rules: flaw::Rules::default(),
            weaknesses: Weaknesses::default(),
            level_regime: None,
            level_form: None,
            count_shares: vec![],
            quick_reports: None,
            notice_rules: vec![],
            notice_templates: vec![],
            reports: vec![],
            capacities: vec![],
            checklist: Checklist::default(),
            finding_rules: inspection::finding::Rules::default(),
            finding_steps: vec![],
            request_steps: vec![],
            protected: vec![],
            duty_roster: None,
            monitoring: None,
        })
    }
}

const fn yes() -> bool {
    true
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    duty: Vec<DutyTerm>,
    #[serde(default)]
    deadline: Vec<Deadline>,
    #[serde(default)]
    text: Vec<Text>,
    #[serde(default)]
    day_off: Vec<DayOff>,
    #[serde(default)]
    recipient: Vec<Recipient>,
    #[serde(default)]
    count_rule: Vec<counts::Rules>,
    #[serde(default)]
    flaw_rule: Vec<flaw::Rules>,
    #[serde(default)]
    weakness: Vec<weakness::Rule>,
    #[serde(default)]
    level_regime: Vec<Regime>,
    #[serde(default)]
    level_form: Vec<LevelForm>,
    #[serde(default)]
    support_end: Vec<weakness::SupportEnd>,
    #[serde(default)]
    count_source: Vec<counts::Share>,
    #[serde(default)]
    quick_report: Vec<quick_reports::Terms>,
    #[serde(default)]
    notice_rules: Vec<NoticeRules>,
    #[serde(default)]
    notice_template: Vec<Template>,
    #[serde(default)]
    report: Vec<ReportForm>,
    #[serde(default)]
    capacity: Vec<Capacity>,
    #[serde(default)]
    inspection_group: Vec<inspection::Group>,
    #[serde(default)]
    inspection_item: Vec<inspection::Item>,
    #[serde(default)]
    inspection_rule: Vec<inspection::finding::Rules>,
    #[serde(default)]
    inspection_step: Vec<inspection::finding::Step>,
    #[serde(default)]
    request_step: Vec<Step>,
    #[serde(default)]
    protected: Vec<Protected>,
    #[serde(default)]
    duty_roster: Vec<roster::Terms>,
    #[serde(default)]
    monitoring: Vec<monitoring::Terms>,
}

/// The words as they are compared.
fn folded(mut recipient: Recipient) -> Recipient {
    for words in &mut recipient.say {
        *words = fold(words);
    }
    recipient
}

/// The files, added up; then cut into packs wherever an entry begins or ends.
#[derive(Default)]
pub(super) struct Source(File);

impl Source {
    pub(super) fn add(&mut self, file: &str, text: &str) -> Result<(), LegalError> {
        let parsed: File =
            toml::from_str(text).map_err(|e| LegalError { file: file.to_owned(), why: e.to_string() })?;
        self.0.duty.extend(parsed.duty);
        self.0.deadline.extend(parsed.deadline);
        self.0.text.extend(parsed.text);
        self.0.day_off.extend(parsed.day_off);
        self.0.recipient.extend(parsed.recipient.into_iter().map(folded));
        self.0.count_rule.extend(parsed.count_rule);
        self.0.flaw_rule.extend(parsed.flaw_rule);
        self.0.weakness.extend(parsed.weakness);
        self.0.support_end.extend(parsed.support_end);
        self.0.level_regime.extend(parsed.level_regime);
        self.0.level_form.extend(parsed.level_form);
        self.0.count_source.extend(parsed.count_source);
        for mut terms in parsed.quick_report {
            let why = |e: quick_reports::BadRule| LegalError { file: file.to_owned(), why: e.to_string() };
            terms.rule = terms.rule.checked().map_err(why)?;
            self.0.quick_report.push(terms);
        }
        self.0.notice_rules.extend(parsed.notice_rules);
        self.0.notice_template.extend(parsed.notice_template);
        self.0.notice_template.sort_by_key(|t| t.place);
        self.0.report.extend(parsed.report);
        self.0.capacity.extend(parsed.capacity);
        self.0.inspection_group.extend(parsed.inspection_group);
        self.0.inspection_item.extend(parsed.inspection_item);
        self.0.inspection_rule.extend(parsed.inspection_rule);
        self.0.inspection_step.extend(parsed.inspection_step);
        self.0.request_step.extend(parsed.request_step);
        // A network that cannot be read would protect nobody, silently.
        let bad = parsed.protected.iter().flat_map(|p| &p.nets).find(|n| n.parse::<Net>().is_err());
        if let Some(bad) = bad {
            return Err(LegalError { file: file.to_owned(), why: format!("{bad:?} is no network") });
        }
        self.0.protected.extend(parsed.protected);
        self.0.duty_roster.extend(parsed.duty_roster);
        self.0.monitoring.extend(parsed.monitoring);
        Ok(())
    }

    pub(super) fn packs(self) -> Result<Vec<Pack>, LegalError> {
        let File {
            duty,
            deadline,
            text,
            day_off,
            recipient,
            count_rule,
            flaw_rule,
            weakness,
            support_end,
            level_regime,
            level_form,
            count_source,
            quick_report,
            notice_rules,
            notice_template,
            report,
            capacity,
            inspection_group: groups,
            inspection_item: items,
            inspection_rule: rules,
            inspection_step: steps,
            request_step,
            protected,
            duty_roster,
            monitoring,
        } = self.0;
        let lives = duty
            .iter()
            .map(|d| (d.from, d.until))
            .chain(deadline.iter().map(|d| (d.from, d.until)))
            .chain(recipient.iter().map(|r| (r.from, r.until)))
            .chain(count_rule.iter().map(|r| (r.from, r.until)))
            .chain(flaw_rule.iter().map(|r| (r.from, r.until)))
            .chain(weakness.iter().map(|r| (r.from, r.until)))
            .chain(level_regime.iter().map(|r| (r.from, r.until)))
            .chain(level_form.iter().map(|r| (r.from, r.until)))
            .chain(count_source.iter().map(|r| (r.from, r.until)))
            .chain(quick_report.iter().map(|q| (q.from, q.until)))
            .chain(notice_rules.iter().map(|r| (r.from, r.until)))
            .chain(notice_template.iter().map(|t| (t.from, t.until)))
            .chain(report.iter().map(|r| (r.from, r.until)))
            .chain(capacity.iter().map(|c| (c.from, c.until)))
            .chain(groups.iter().map(|g| (g.from, g.until)))
            .chain(items.iter().map(|i| (i.from, i.until)))
            .chain(rules.iter().map(|r| (r.from, r.until)))
            .chain(steps.iter().map(|s| (s.from, s.until)))
            .chain(request_step.iter().map(|s| (s.from, s.until)))
            .chain(protected.iter().map(|p| (p.from, p.until)))
            .chain(duty_roster.iter().map(|r| (r.from, r.until)))
            .chain(monitoring.iter().map(|m| (m.from, m.until)));
        let mut starts = vec![Date::MIN];
        for (from, until) in lives {
            starts.extend(from);
            starts.extend(until.and_then(|u| u.tomorrow().ok()));
        }
        starts.sort();
        starts.dedup();
        let packs: Vec<Pack> = starts
            .into_iter()
            .map(|from| Pack {
                from,
                duties: duty.iter().filter(|d| within(d.from, d.until, from)).cloned().collect(),
                deadlines: deadline.iter().filter(|d| within(d.from, d.until, from)).cloned().collect(),
                texts: text.clone(),
                days_off: day_off.clone(),
                recipients: recipient.iter().filter(|r| within(r.from, r.until, from)).cloned().collect(),
                flaw_rules: in_force(&flaw_rule, |r| within(r.from, r.until, from)),
                level_regime: level_regime.iter().find(|r| within(r.from, r.until, from)).cloned(),
                level_form: level_form.iter().find(|r| within(r.from, r.until, from)).cloned(),
                weaknesses: Weaknesses {
                    rules: all_in_force(&weakness, |r| within(r.from, r.until, from)),
                    ends: support_end.clone(),
                },
                count_rules: in_force(&count_rule, |r| within(r.from, r.until, from)),
                checklist: Checklist {
                    groups: groups.iter().filter(|g| within(g.from, g.until, from)).cloned().collect(),
                    items: items.iter().filter(|i| within(i.from, i.until, from)).cloned().collect(),
                },
                finding_rules: in_force(&rules, |r| within(r.from, r.until, from)),
                finding_steps: steps.iter().filter(|s| within(s.from, s.until, from)).cloned().collect(),
                count_shares: all_in_force(&count_source, |s| within(s.from, s.until, from)),
                quick_reports: quick_report.iter().rfind(|q| within(q.from, q.until, from)).cloned(),
                notice_rules: all_in_force(&notice_rules, |r| within(r.from, r.until, from)),
                notice_templates: all_in_force(&notice_template, |t| within(t.from, t.until, from)),
                reports: report.iter().filter(|r| within(r.from, r.until, from)).cloned().collect(),
                capacities: capacity.iter().filter(|c| within(c.from, c.until, from)).cloned().collect(),
                request_steps: all_in_force(&request_step, |s| within(s.from, s.until, from)),
                protected: protected.iter().filter(|p| within(p.from, p.until, from)).cloned().collect(),
                duty_roster: duty_roster.iter().rfind(|r| within(r.from, r.until, from)).cloned(),
                monitoring: monitoring.iter().rfind(|m| within(m.from, m.until, from)).cloned(),
            })
            .collect();
        for pack in &packs {
            let mut codes: Vec<_> = pack.duties.iter().map(|d| &d.code).collect();
            codes.sort();
            if let Some([twice, _]) = codes.windows(2).find(|w| matches!(w, [a, b] if a == b)) {
                let why = format!("duty {twice} stands twice on {}", pack.from);
                return Err(LegalError { file: "duties.toml".into(), why });
            }
        }
        Ok(packs)
    }
}
