//! What one room calls things, another has words for.

use store::troubles::reason;
use web::{Lang, Words};

#[test]
fn every_message_and_every_reason_of_ours_has_a_name_on_the_page_of_troubles() {
    let messages = send::templates().iter().map(|t| format!("troubles-message-{}", t.id));
    let reasons = reason::ALL.iter().map(|r| format!("troubles-why-{r}"));
    let ids: Vec<String> = messages.chain(reasons).collect();
    assert!(ids.len() > 40, "{ids:?}");
    for lang in [Lang::Vi, Lang::En] {
        let words = Words::of(lang);
        let unnamed: Vec<&String> = ids.iter().filter(|id| words.t(id) == **id).collect();
        assert!(unnamed.is_empty(), "{lang:?}: {unnamed:?}");
    }
}
