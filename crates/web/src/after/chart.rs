//! The chart of readiness: states stacked over time, drawn as SVG without a script.

use domain::{
    readiness::{Counts, Point},
    time::{self, Window},
};

use crate::{Visit, board::number};

/// Width and height of the drawing's own units; the page stretches it.
const WIDTH: i64 = 1000;
const HEIGHT: u32 = 100;

/// What the template draws.
#[derive(Default)]
pub(super) struct Chart {
    /// Class and outline of each layer, the lowest first.
    pub layers: Vec<(&'static str, String)>,
    /// Where the window begins and ends.
    pub marks: Vec<i64>,
    /// A strip of each point: start, width, what it says.
    pub strips: Vec<(i64, i64, String)>,
    /// Words under the left end, the middle and the right end.
    pub ends: [String; 3],
    /// The whole in one sentence, for those who hear the page.
    pub said: String,
}

/// Draws the points; empty when there are none.
pub(super) fn chart(v: &Visit, points: &[Point], window: Option<Window>) -> Chart {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Chart::default() };
    let begin = first.from.as_microsecond();
    let span = (last.at.as_microsecond() - begin).max(1);
    let x = |at: jiff::Timestamp| {
        let part = i128::from(at.as_microsecond() - begin) * i128::from(WIDTH) / i128::from(span);
        i64::try_from(part.clamp(0, i128::from(WIDTH))).unwrap_or(0)
    };
    let xs: Vec<i64> = points.iter().map(|p| x(p.at)).collect();
    let most = points.iter().map(|p| p.counts.all()).max().unwrap_or(0).max(1);
    let day = |at| time::local(at).strftime("%d/%m").to_string();
    let middle = points.get(points.len() / 2).map_or(first.at, |p| p.at);
    Chart {
        layers: layers(points, &xs, most),
        marks: window
            .map(|w| vec![w.from, w.to])
            .unwrap_or_default()
            .into_iter()
            .filter(|at| first.from < *at && *at < last.at)
            .map(x)
            .collect(),
        strips: strips(v, points, &xs),
        ends: [day(first.from), day(middle), day(last.at)],
        said: sentence(v, last),
    }
}

/// `21/11 15:00 — đạt 312/400 …`
fn sentence(v: &Visit, point: &Point) -> String {
    let c = point.counts;
    let at = time::local(point.at).strftime("%d/%m %H:%M").to_string();
    let share = c.share();
    v.words().with(
        "after-point",
        [
            ("at", at.into()),
            ("met", number(c.met.into()).into()),
            ("all", number(c.all().into()).into()),
            ("share", format!("{},{}", share / 10, share % 10).into()),
            ("partly", number(c.partly.into()).into()),
            ("not", number(c.not_met.into()).into()),
            ("unknown", number(c.unknown.into()).into()),
        ],
    )
}

/// Each answers over the step it stands for, as it is drawn.
fn strips(v: &Visit, points: &[Point], xs: &[i64]) -> Vec<(i64, i64, String)> {
    let mut from = 0;
    points
        .iter()
        .zip(xs)
        .map(|(point, to)| {
            let strip = (from, (to - from).max(1), sentence(v, point));
            from = *to;
            strip
        })
        .collect()
}

/// One state's share of the counts.
type Part = fn(&Counts) -> u32;

fn layers(points: &[Point], xs: &[i64], most: u32) -> Vec<(&'static str, String)> {
    let parts: [(&'static str, Part); 5] = [
        ("m", |c| c.met),
        ("p", |c| c.partly),
        ("u", |c| c.unknown),
        ("n", |c| c.not_met),
        ("d", |c| c.not_yet_due),
    ];
    let mut below = vec![0_u32; points.len()];
    parts
        .into_iter()
        .filter_map(|(class, part)| {
            let above: Vec<u32> = points.iter().zip(&below).map(|(p, b)| b + part(&p.counts)).collect();
            let drawn = (above != below).then(|| (class, outline(xs, &above, &below, most)));
            below = above;
            drawn
        })
        .collect()
}

/// Steps, each from the end of the one before to its own end, the newest as wide as any: along the upper edge, and back
/// along the lower.
fn outline(xs: &[i64], above: &[u32], below: &[u32], most: u32) -> String {
    let y = |n: u32| f64::from(HEIGHT) - f64::from(n) * f64::from(HEIGHT) / f64::from(most);
    let edge = |values: &[u32]| -> Vec<(i64, f64)> {
        let mut corners = Vec::new();
        let mut from = 0;
        for (x, value) in xs.iter().zip(values) {
            corners.extend([(from, y(*value)), (*x, y(*value))]);
            from = *x;
        }
        corners.dedup();
        corners
    };
    let mut path = String::new();
    for (x, y) in edge(above).into_iter().chain(edge(below).into_iter().rev()) {
        path.push_str(&format!("{}{x} {y:.1}", if path.is_empty() { 'M' } else { 'L' }));
    }
    path.push('Z');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_steps_and_closes() {
        let path = outline(&[400, 1000], &[1, 2], &[0, 0], 2);
        assert_eq!(path, "M0 50.0L400 50.0L400 0.0L1000 0.0L1000 100.0L400 100.0L0 100.0Z");
    }

    #[test]
    fn layers_lie_on_one_another_and_empty_ones_are_left_out() {
        let at = |n: i64| jiff::Timestamp::from_second(n).unwrap();
        let counts = Counts { met: 1, not_met: 3, ..Counts::default() };
        let points = [Point { from: at(0), at: at(9), counts }, Point { from: at(9), at: at(18), counts }];
        let layers = layers(&points, &[500, 1000], 4);
        assert_eq!(layers.iter().map(|l| l.0).collect::<Vec<_>>(), ["m", "n"]);
        assert!(layers[0].1.starts_with("M0 75.0L500 75.0L1000 75.0") && layers[1].1.starts_with("M0 0.0L"));
    }
}
