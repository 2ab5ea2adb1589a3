//! A writer killed at random moments under load: what it was told is there, once.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use lake::{Batch, Record};

use crate::{lines, open, source};

/// Names the folder to the child.
const DIR: &str = "CANH_LAKE_KILLED";
/// How often; more in a long run.
const ROUNDS: &str = "CANH_LAKE_ROUNDS";

/// The child: four senders that go on until they are killed; each line is told when it is durable.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let round = std::env::var("CANH_LAKE_ROUND").unwrap();
    let limits = lake::Limits { segment: 64 << 10, ..lake::Limits::default() };
    let log = lake::Log::open(Path::new(&dir), limits, crate::tools()).unwrap();
    let senders = (0..4).map(|sender| {
        let (log, round) = (log.clone(), round.clone());
        tokio::spawn(async move {
            for n in 0_u64.. {
                let lines: Vec<String> = (0..=n % 5).map(|k| format!("{round}.{sender}.{n}.{k}")).collect();
                let key = lake::batch_key(source(), lines.concat().as_bytes());
                let records =
                    lines.iter().map(|l| Record { line: l.clone().into_bytes(), ..Record::default() });
                let one = Batch { key: Some(key), records: records.collect(), ..crate::batch(&[]) };
                log.append(one).await.unwrap();
                // One write: a line that is told is told whole.
                let told: String = lines.iter().map(|l| format!("+{l}\n")).collect();
                std::io::Write::write_all(&mut std::io::stdout().lock(), told.as_bytes()).unwrap();
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
}

#[tokio::test]
async fn no_line_that_was_acknowledged_is_missing_and_none_is_doubled() {
    let rounds: u64 = std::env::var(ROUNDS).ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let dir = tempfile::tempdir().unwrap();
    let mut told: HashSet<String> = HashSet::new();
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for round in 0..rounds {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--nocapture"])
            .env(DIR, dir.path())
            .env("CANH_LAKE_ROUND", round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut last = String::new();
        for line in out
            .by_ref()
            .filter_map(|l| l.strip_prefix('+').map(str::to_owned))
            .take(1 + (random % 400) as usize)
        {
            last.clone_from(&line);
            told.insert(line);
        }
        child.kill().unwrap();
        // What it had told before it died counts, but for a line cut in the middle.
        told.extend(
            out.filter_map(|l| l.strip_prefix('+').filter(|l| l.split('.').count() == 4).map(str::to_owned)),
        );
        child.wait().unwrap();
        assert!(!last.is_empty(), "the child wrote nothing");
        let log = open(dir.path());
        let found = lines(&log);
        let once: HashSet<&String> = found.iter().collect();
        assert_eq!(once.len(), found.len(), "doubled in round {round}");
        let missing: Vec<_> = told.iter().filter(|l| !once.contains(l)).collect();
        assert!(missing.is_empty(), "missing in round {round}: {missing:?}");
        // The batch under way comes again, as its sender would send it: not kept twice.
        let newest = found.last().unwrap().clone();
        let (head, of) = newest.rsplit_once('.').unwrap();
        let again: Vec<String> = (0..=of.parse::<u64>().unwrap()).map(|k| format!("{head}.{k}")).collect();
        let records = again.iter().map(|l| Record { line: l.clone().into_bytes(), ..Record::default() });
        let key = lake::batch_key(source(), again.concat().as_bytes());
        let one = Batch { key: Some(key), records: records.collect(), ..crate::batch(&[]) };
        assert!(log.append(one).await.unwrap().resent);
        let log = Arc::new(log);
        assert_eq!(lines(&log).len(), found.len());
    }
}
