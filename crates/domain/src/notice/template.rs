//! The template library: topics with their words in both languages. Words are data of the legal pack.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Question;
use crate::person::Lang;

/// One topic.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its stable name: `phishing`.
    pub key: String,
    /// Its place in the library.
    pub place: u32,
    /// In Vietnamese.
    pub vi: NoticeText,
    /// In English.
    pub en: NoticeText,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
}

/// The words of a topic in one language.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeText {
    /// Title.
    pub title: String,
    /// What staff read.
    pub body: String,
    /// What is read out over loudspeakers to everybody; not every topic is for them.
    pub aloud: Option<String>,
    /// The quiz.
    pub question: Vec<Question>,
}

impl Template {
    /// Its words in that language.
    pub fn text(&self, lang: Lang) -> &NoticeText {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Quiz, tidy_text, tidy_title};
    use crate::{legal::Legal, person::Lang};

    /// The ten topics, each in both languages: short enough to be read, long enough to teach.
    #[test]
    fn every_topic_is_whole_in_both_languages() {
        let legal = Legal::builtin().unwrap();
        let pack = legal.on(jiff::civil::date(2026, 11, 21));
        let rules = pack.notice_rules().unwrap();
        assert_eq!(pack.notice_templates().len(), 10);
        for template in pack.notice_templates() {
            for lang in [Lang::Vi, Lang::En] {
                let (text, key) = (template.text(lang), &template.key);
                let words = text.body.split_whitespace().count();
                assert!((150..=320).contains(&words), "{key} {lang:?}: {words} words");
                assert!(tidy_title(&text.title).is_some() && tidy_text(&text.body).is_some(), "{key}");
                let quiz = Quiz { questions: text.question.clone(), pass_percent: 80, attempts: 3 };
                assert_eq!(quiz.check(rules), Ok(()), "{key} {lang:?}");
                // Whoever always presses the first answer, or any other, does not pass.
                for same in 1..=4 {
                    assert!(!quiz.mark(&vec![same; quiz.questions.len()]).passed, "{key} {lang:?}: {same}");
                }
            }
            let (vi, en) = (&template.vi, &template.en);
            assert_eq!(vi.question.len(), en.question.len(), "{}", template.key);
            assert_eq!(vi.aloud.is_some(), en.aloud.is_some(), "{}", template.key);
            for (a, b) in vi.question.iter().zip(&en.question) {
                assert_eq!(
                    (a.right, a.options.len()),
                    (b.right, b.options.len()),
                    "{}: {}",
                    template.key,
                    b.ask
                );
            }
        }
    }
}
