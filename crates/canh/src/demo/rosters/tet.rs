//! Last year's Tết at posts made for it and given up afterwards: watched but for one day of which nobody knows and one
//! night nobody was there, so that looking back has something to tell.

use anyhow::{Context, Result};
use domain::{
    body::BodyKind,
    id::{Id, kind},
    roster::Presence,
    time::Window,
};
use jiff::{Timestamp, ToSpan};
use store::rosters;

use super::{DEPARTMENTS, Scene, away, centre_of, communes, pair};
use crate::{
    centre::Centre,
    demo::{
        cast::{Member, Player},
        order::{after, written},
        province::LEAD,
    },
};

const NAME: &str = "Trực Tết Bính Ngọ";
/// Which department was silent for a day, and which had nobody for a night.
const SILENT: usize = 1;
const EMPTY: usize = 3;

/// Makes the posts at `made`, lives through the window, and gives them up at `ended`.
pub async fn tet(
    centre: &Centre,
    members: &[Member],
    made: Timestamp,
    window: Window,
    ended: Timestamp,
) -> Result<()> {
    // From the morning before to the morning after, so that no shift of the window is cut.
    let planned = Window { from: after(window.from, -17 * 60), to: after(window.to, 7 * 60) };
    let scene = Scene { centre, start: made, now: ended, window: planned };
    let lead = members.get(LEAD).context("the lead body")?;
    let mut posts: Vec<(&Player, Id<kind::Post>)> = Vec::new();

    let watch = centre_of(&scene, lead, "Trực Tết tại Trung tâm giám sát").await.context("the centre")?;
    let nobody_silent = Window { from: ended, to: ended };
    checked_in(&scene, &lead.head, watch, nobody_silent).await?;
    for member in communes(members) {
        let new = scene.post(member, NAME, Presence::Covered, Some(watch));
        scene.make(&lead.officer, &new).await?;
        posts.push((&lead.officer, new.id));
    }
    posts.push((&lead.officer, watch));
    let departments = members.iter().filter(|m| m.place.kind == BodyKind::Department).take(DEPARTMENTS);
    for (n, member) in departments.enumerate() {
        let post = pair(&scene, member, NAME, Presence::OnCall, false).await?;
        if n == EMPTY {
            let from = window.from.checked_add((24 * 5 + 19).hours())?;
            let night = Window { from, to: after(from, 12 * 60) };
            away(&scene, member, post, night, after(from, -20 * 60)).await.context("who was away")?;
        }
        let from = window.from.checked_add((24 * 3 + 6).hours())?;
        let silent = if n == SILENT { Window { from, to: after(from, 22 * 60) } } else { nobody_silent };
        checked_in(&scene, &member.head, post, silent).await?;
        posts.push((&member.head, post));
    }
    for (player, post) in posts {
        written(store::write!(centre.db, player.actor(), ended, tx => {
            rosters::close(tx, &player.scope, post).await
        }))?;
    }
    Ok(())
}

async fn checked_in(scene: &Scene<'_>, head: &Player, post: Id<kind::Post>, silent: Window) -> Result<()> {
    let (of, shifts) = scene.past(post, head).await?;
    scene.checked_in(&of, &shifts, silent).await
}
