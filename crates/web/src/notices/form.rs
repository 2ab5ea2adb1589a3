//! What somebody types when writing a notice, and what the page shows of it.

use domain::{
    notice::{Audience, Question, Quiz, Template},
    person::Lang,
    right::Role,
};
use serde::Deserialize;
use store::notices::{Notice, Words};

use super::id;
use crate::AppError;

/// A form of so many questions fits every quiz.
const QUESTIONS: usize = 10;

/// The form as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    pub template: String,
    pub version: i64,
    pub title: String,
    pub text: String,
    pub lang: String,
    pub campaign: String,
    pub top: Vec<String>,
    pub role: Vec<String>,
    pub list: Vec<String>,
    pub quiz: String,
    pub pass: String,
    pub attempts: String,
    pub q_ask: Vec<String>,
    pub q_options: Vec<String>,
    pub q_right: Vec<String>,
    pub q_because: Vec<String>,
}

/// One question as typed: answers one a line.
pub(super) struct Asking {
    pub number: usize,
    pub ask: String,
    pub options: String,
    pub right: String,
    pub because: String,
}

impl Written {
    /// A form that begins from a topic.
    pub(super) fn from_template(template: &Template, lang: Lang) -> Self {
        let text = template.text(lang);
        Self {
            template: template.key.clone(),
            title: text.title.clone(),
            text: text.body.trim().to_owned(),
            lang: lang.name().to_owned(),
            quiz: "1".into(),
            ..Self::default()
        }
        .with_questions(&text.question)
    }

    /// A form that shows a draft.
    pub(super) fn of(notice: &Notice) -> Self {
        Self {
            template: notice.template.clone().unwrap_or_default(),
            version: notice.version,
            title: notice.title.clone(),
            text: notice.text.clone(),
            lang: notice.lang.clone(),
            campaign: notice.campaign.map(|c| c.to_string()).unwrap_or_default(),
            top: notice.audience.tops.iter().map(ToString::to_string).collect(),
            role: notice.audience.roles.iter().map(ToString::to_string).collect(),
            list: notice.audience.lists.iter().map(ToString::to_string).collect(),
            quiz: if notice.quiz.is_asked() { "1".into() } else { String::new() },
            pass: if notice.quiz.is_asked() { notice.quiz.pass_percent.to_string() } else { String::new() },
            attempts: if notice.quiz.is_asked() { notice.quiz.attempts.to_string() } else { String::new() },
            ..Self::default()
        }
        .with_questions(&notice.quiz.questions)
    }

    fn with_questions(mut self, questions: &[Question]) -> Self {
        for q in questions {
            self.q_ask.push(q.ask.clone());
            self.q_options.push(q.options.join("\n"));
            self.q_right.push(q.right.to_string());
            self.q_because.push(q.because.clone());
        }
        self
    }

    /// The places for questions, filled and empty.
    pub(super) fn questions(&self) -> Vec<Asking> {
        let text = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        (0..QUESTIONS.max(self.q_ask.len()))
            .map(|at| Asking {
                number: at + 1,
                ask: text(&self.q_ask, at),
                options: text(&self.q_options, at),
                right: text(&self.q_right, at),
                because: text(&self.q_because, at),
            })
            .collect()
    }

    /// What was written; `usual` are the pass mark and attempts where none were typed.
    pub(super) fn words(&self, usual: (u8, u8)) -> Result<Words, AppError> {
        let number = |text: &str, usual: u8, code: &str| match text.trim() {
            "" => Ok(usual),
            text => text.parse::<u8>().map_err(|_| AppError::Refused(code.into())),
        };
        let mut quiz = Quiz::default();
        if self.quiz == "1" {
            quiz.pass_percent = number(&self.pass, usual.0, "error-quiz-pass")?;
            quiz.attempts = number(&self.attempts, usual.1, "error-quiz-attempts")?;
            quiz.questions = self
                .questions()
                .into_iter()
                .filter(|q| !q.ask.trim().is_empty() || !q.options.trim().is_empty())
                .map(|q| Question {
                    ask: q.ask.trim().to_owned(),
                    options: q
                        .options
                        .lines()
                        .map(str::trim)
                        .filter(|l| !l.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    right: q.right.trim().parse().unwrap_or(0),
                    because: q.because.trim().to_owned(),
                })
                .collect();
            if quiz.questions.is_empty() {
                return Err(AppError::Refused("error-quiz-questions".into()));
            }
        }
        let role = |r: &String| Role::parse(r).ok_or(AppError::NotFound);
        let audience = Audience {
            tops: self.top.iter().map(|t| id(t)).collect::<Result<_, _>>()?,
            roles: self.role.iter().map(role).collect::<Result<_, _>>()?,
            lists: self.list.iter().map(|l| id(l)).collect::<Result<_, _>>()?,
        };
        let campaign = if self.campaign.is_empty() { None } else { Some(id(&self.campaign)?) };
        Ok(Words {
            title: self.title.clone(),
            text: self.text.replace("\r\n", "\n"),
            lang: self.lang.clone(),
            quiz,
            audience,
            campaign,
        })
    }
}
