//! The clicks around a board, each on many different rows: a cell, a body, the to-do list, a letter, a search.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use domain::{
    id::{Id, Uuid},
    right::Role,
};
use store::testing::World;
use web::{User, testing::TestApp};

use super::gauge::{Times, begin, ms};

/// Minute of the first click: the campaign's due time is past.
const BEGIN: i64 = 2_000;
/// What a click may take, 95 times of a hundred.
const GOAL: Duration = Duration::from_millis(100);
/// One session may ask so often a minute, and the clock of a bench stands: it is moved on after so many clicks.
const CLICKS_A_MINUTE: usize = 100;
/// So many different clicks of each kind.
const CLICKS: usize = 200;
/// Words people look for: few hits, many hits, none, two terms of one thing.
const WORDS: [&str; 8] =
    ["xã số 77", "xa so", "trường số 4", "tết", "an ninh mạng", "Nguyễn Văn", "không có gì", "công an"];

/// Measures every kind; an error names those that miss the goal.
///
/// # Errors
/// When a page does not answer, or a goal is missed.
pub async fn measure(t: &TestApp, world: &World, lead: &Arc<User>, codes: &[&str]) -> Result<()> {
    let mut slow = Vec::new();
    let board = format!("/campaigns/{}", world.campaign);
    let rows = || (0..CLICKS).map(|n| 1 + n * 37 % world.bodies.len());
    let code = |n: usize| codes.get(n % codes.len()).copied().unwrap_or_default();

    let cells = rows().map(|n| (lead.clone(), format!("{board}/b/{n}/{}", code(n)))).collect();
    clicks(t, "a cell", cells, &mut slow).await?;
    let bodies = rows().map(|n| (lead.clone(), format!("{board}/b/{n}"))).collect();
    clicks(t, "a body's row", bodies, &mut slow).await?;
    let todo = rows().map(|n| Ok((own(t, world, n)?, "/tasks".to_owned()))).collect::<Result<_>>()?;
    clicks(t, "own to-do list", todo, &mut slow).await?;
    let received = rows()
        .map(|n| {
            let assignment = world.assignments.get(n - 1).context("no such row")?;
            Ok((own(t, world, n)?, format!("/assignments/{assignment}")))
        })
        .collect::<Result<_>>()?;
    clicks(t, "own order", received, &mut slow).await?;
    let letters = letters(t, lead).await?;
    let opened = letters.iter().cycle().take(CLICKS).map(|l| (lead.clone(), l.clone())).collect();
    clicks(t, "a letter", opened, &mut slow).await?;
    let asked = WORDS
        .iter()
        .cycle()
        .take(CLICKS)
        .map(|w| (lead.clone(), format!("/search?q={}", w.replace(' ', "+"))))
        .collect();
    clicks(t, "a search", asked, &mut slow).await?;
    ensure!(slow.is_empty(), "over {GOAL:?}: {}", slow.join(", "));
    Ok(())
}

/// Counts a click, and moves the clock when it is time.
fn tick(t: &TestApp) {
    static CLICKED: AtomicUsize = AtomicUsize::new(0);
    let minutes = CLICKED.fetch_add(1, Ordering::Relaxed) / CLICKS_A_MINUTE;
    t.clock.move_to_minute(BEGIN + i64::try_from(minutes).unwrap_or_default());
}

/// The person who does the work of the body in row `n`.
fn own(t: &TestApp, world: &World, n: usize) -> Result<Arc<User>> {
    let body = world.bodies.get(n - 1).context("no such row")?;
    Ok(t.user(Id::from_uuid(Uuid::from_u128(2)), &[(Role::Clerk, *body)]))
}

async fn clicks(
    t: &TestApp,
    name: &str,
    all: Vec<(Arc<User>, String)>,
    slow: &mut Vec<String>,
) -> Result<()> {
    let (mut times, mut heaviest) = (Times::default(), 0);
    for (user, path) in &all {
        tick(t);
        let began = begin();
        let bytes = t.fetch(Some(user), path, Some("br")).await.with_context(|| path.clone())?;
        times.end(&began);
        heaviest = heaviest.max(bytes.len());
    }
    times.print(name, &format!("{heaviest} bytes at most"));
    if times.wall(95) > GOAL {
        slow.push(format!("{name} {}", ms(times.wall(95))));
    }
    Ok(())
}

/// The letters of the corpus, taken in; their pages. Taking one in is measured too.
async fn letters(t: &TestApp, lead: &Arc<User>) -> Result<Vec<String>> {
    let (mut pages, mut times) = (Vec::new(), Times::default());
    let mut files: Vec<_> =
        std::fs::read_dir(Path::new("corpus/letters/dev"))?.flatten().map(|e| e.path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "txt")) {
        let text = std::fs::read_to_string(file)?;
        tick(t);
        let began = begin();
        let answer = t.post(Some(lead), "/orders/letters/paste", &[("text", &text)]).await;
        times.end(&began);
        let page = answer.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
        // A paper marked secret leads back to the list.
        if page.len() > "/orders/letters/".len() {
            pages.push(page.to_owned());
        }
    }
    times.print("a letter taken in", &format!("{} letters", pages.len()));
    Ok(pages)
}
