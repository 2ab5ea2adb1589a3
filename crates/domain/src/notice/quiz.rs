//! A short quiz after a notice: what it must be, and how answers are marked.

use serde::{Deserialize, Serialize};

use super::NoticeRules;

/// A question offers at least two and at most so many answers: more do not fit a phone.
pub const OPTIONS_MAX: usize = 5;
/// A quiz taken oftener teaches nobody.
pub const ATTEMPTS_MAX: u8 = 10;
/// Characters of a question, an answer, an explanation.
const WORDS_MAX: usize = 600;

/// One question with its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked.
    pub ask: String,
    /// What may be answered.
    pub options: Vec<String>,
    /// Which of them is right, counted from 1.
    pub right: usize,
    /// Why; shown afterwards.
    pub because: String,
}

/// The quiz of a notice; without questions there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Quiz {
    /// The questions.
    pub questions: Vec<Question>,
    /// How many percent must be right.
    pub pass_percent: u8,
    /// How often it may be taken.
    pub attempts: u8,
}

/// What is wrong with a quiz: a stable word and the question's number, 0 for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuizError {
    /// Which error; screens translate it as `error-CODE`.
    pub code: &'static str,
    /// Which question, from 1; 0 for the quiz itself.
    pub question: usize,
}

/// What came of one attempt. The answers themselves are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Right answers.
    pub score: u32,
    /// Questions.
    pub all: u32,
    /// The questions answered wrongly or not at all, from 1.
    pub wrong: Vec<usize>,
    /// Whether it is enough.
    pub passed: bool,
}

impl Quiz {
    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        !self.questions.is_empty()
    }

    /// How many right answers are enough.
    pub fn needed(&self) -> usize {
        (self.questions.len() * usize::from(self.pass_percent)).div_ceil(100)
    }

    /// Checks a quiz that somebody wrote; one without questions is good.
    pub fn check(&self, rules: &NoticeRules) -> Result<(), QuizError> {
        if !self.is_asked() {
            return Ok(());
        }
        let whole = |code| Err(QuizError { code, question: 0 });
        if !(rules.questions_min..=rules.questions_max).contains(&self.questions.len()) {
            return whole("quiz-questions");
        }
        if !(1..=100).contains(&self.pass_percent) {
            return whole("quiz-pass");
        }
        if !(1..=ATTEMPTS_MAX).contains(&self.attempts) {
            return whole("quiz-attempts");
        }
        for (at, q) in self.questions.iter().enumerate() {
            let bad = |code| Err(QuizError { code, question: at + 1 });
            let fits = |t: &str| !t.trim().is_empty() && t.chars().count() <= WORDS_MAX;
            if !fits(&q.ask) || !fits(&q.because) {
                return bad("quiz-words");
            }
            if !(2..=OPTIONS_MAX).contains(&q.options.len()) || !q.options.iter().all(|o| fits(o)) {
                return bad("quiz-options");
            }
            if q.right == 0 || q.right > q.options.len() {
                return bad("quiz-right");
            }
        }
        Ok(())
    }

    /// Marks one attempt: `answers` in the order of the questions, each the option's number from 1, 0 for none.
    pub fn mark(&self, answers: &[usize]) -> Marks {
        let wrong: Vec<usize> = self
            .questions
            .iter()
            .enumerate()
            .filter(|(at, q)| answers.get(*at) != Some(&q.right))
            .map(|(at, _)| at + 1)
            .collect();
        let right = self.questions.len() - wrong.len();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Marks {
            score: count(right),
            all: count(self.questions.len()),
            passed: self.is_asked() && right >= self.needed(),
            wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::legal::Legal;

    fn quiz(n: usize, pass_percent: u8) -> Quiz {
        let question = |at: usize| Question {
            ask: format!("Câu {at}?"),
            options: vec!["a".into(), "b".into(), "c".into()],
            right: at % 3 + 1,
            because: "vì".into(),
        };
        Quiz { questions: (0..n).map(question).collect(), pass_percent, attempts: 3 }
    }

    fn rules() -> NoticeRules {
        let legal = Legal::builtin().unwrap();
        legal.on(jiff::civil::date(2026, 11, 21)).notice_rules().unwrap().clone()
    }

    #[test]
    fn four_of_five_are_eighty_percent_and_a_missing_answer_is_wrong() {
        let q = quiz(5, 80);
        assert_eq!(q.needed(), 4);
        let marks = q.mark(&[1, 2, 3, 1, 1]);
        assert_eq!((marks.score, marks.passed, marks.wrong), (4, true, vec![5]));
        assert!(!q.mark(&[1, 2, 3]).passed);
        assert!(!q.mark(&[]).passed);
        assert!(!Quiz::default().mark(&[]).passed, "no quiz is not a passed quiz");
    }

    #[test]
    fn a_quiz_is_five_to_ten_sound_questions() {
        let rules = rules();
        assert_eq!(Quiz::default().check(&rules), Ok(()));
        assert_eq!(quiz(5, 80).check(&rules), Ok(()));
        for bad in [quiz(4, 80), quiz(11, 80), quiz(5, 0), quiz(5, 101), Quiz { attempts: 0, ..quiz(5, 80) }]
        {
            assert!(bad.check(&rules).is_err());
        }
        let mut bad = quiz(5, 80);
        bad.questions[2].right = 4;
        assert_eq!(bad.check(&rules), Err(QuizError { code: "quiz-right", question: 3 }));
    }

    proptest! {
        #[test]
        fn passing_is_exactly_enough_right_answers(n in 1..12_usize, pass in 1..=100_u8, given in prop::collection::vec(0..5_usize, 0..14)) {
            let q = quiz(n, pass);
            let marks = q.mark(&given);
            prop_assert_eq!(marks.score as usize + marks.wrong.len(), n);
            prop_assert_eq!(marks.passed, u32::from(pass) * marks.all <= marks.score * 100);
        }
    }
}
