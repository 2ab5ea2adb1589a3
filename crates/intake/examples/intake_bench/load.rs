//! Events from outside, over sockets.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::actor::Scope;
use intake::{http, syslog};
use store::{Topic, alerts};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::ground::{Ground, ground, memory};

/// Who sends at once.
const SENDERS: u64 = 4;
/// Events of a request.
const PIECE: u64 = 1_000;

#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Syslog,
    Bulk,
    Otlp,
    Hec,
}

/// A line of nginx behind a syslog head, 300 bytes.
pub fn line(n: u64) -> String {
    let head = format!(
        "<190>Nov 22 08:{:02}:{:02} web{:02} nginx: 198.51.{}.{} - - [22/Nov/2026:08:{:02}:{:02} +0700] \"GET /thu-tuc/{}?trang={} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
        n / 60 % 60,
        n % 60,
        n % 40,
        n / 251 % 200,
        n % 251,
        n / 60 % 60,
        n % 60,
        n % 9_973,
        n % 17,
        400 + n % 60_000,
    );
    format!("{head}{:x<width$}\"", " ", width = 299_usize.saturating_sub(head.len()))
}

fn request(way: Way, from: u64) -> Vec<u8> {
    let mut body = String::new();
    let lines = (from..from + PIECE).map(line);
    let (path, token) = match way {
        Way::Bulk => {
            for line in lines {
                let event = serde_json::json!({"@timestamp": "2026-11-22T01:00:00Z", "message": line});
                body.push_str("{\"create\":{\"_index\":\"logs\"}}\n");
                body.push_str(&event.to_string());
                body.push('\n');
            }
            ("/_bulk", "elastic")
        }
        Way::Hec => {
            lines.for_each(|line| body.push_str(&serde_json::json!({"event": line}).to_string()));
            ("/services/collector/event", "hec")
        }
        Way::Otlp => {
            let records: Vec<_> =
                lines.map(|line| serde_json::json!({"body": {"stringValue": line}})).collect();
            let all = serde_json::json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]});
            body = all.to_string();
            ("/v1/logs", "otlp")
        }
        Way::Syslog => {
            lines.for_each(|line| {
                body.push_str(&line);
                body.push('\n');
            });
            return body.into_bytes();
        }
    };
    let scheme = if way == Way::Hec { "Splunk" } else { "Bearer" };
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {scheme} {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Reads one answer; its status.
async fn answer(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        let mut piece = [0; 16_384];
        let n = socket.read(&mut piece).await.unwrap();
        assert!(n > 0, "the connection was closed");
        buffer.extend_from_slice(&piece[..n]);
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok());
        let whole = match length {
            Some(length) => buffer.len() >= end + 4 + length,
            None => buffer.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return status;
        }
    }
}

async fn listen(g: &Ground, way: Way) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    match way {
        Way::Syslog => drop(tokio::spawn(syslog::tcp(g.door.clone(), listener, g.stopped()))),
        _ => {
            let service = http::router(g.door.clone()).into_make_service_with_connect_info::<SocketAddr>();
            tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        }
    }
    at
}

/// Sends until told; `rate`: events a second of one sender, without: as fast as they are taken.
async fn send(at: SocketAddr, way: Way, who: u64, until: Instant, rate: Option<u64>, sent: Arc<AtomicU64>) {
    let mut socket = TcpStream::connect(at).await.unwrap();
    let mut buffer = Vec::new();
    // Made before: whoever measures should not measure that.
    let ready: Vec<Vec<u8>> = (0..8).map(|n| request(way, who * 1_000_000 + n * PIECE)).collect();
    let began = Instant::now();
    let mut n = 0_u64;
    while Instant::now() < until {
        if let Some(rate) = rate {
            let due = Duration::from_secs_f64((n * PIECE) as f64 / rate as f64);
            tokio::time::sleep(due.saturating_sub(began.elapsed())).await;
        }
        let piece = &ready[(n % 8) as usize];
        socket.write_all(piece).await.unwrap();
        if way != Way::Syslog {
            let status = answer(&mut socket, &mut buffer).await;
            if status == 429 || status == 503 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&buffer));
        }
        sent.fetch_add(PIECE, Ordering::Relaxed);
        n += 1;
    }
}

/// As fast as it goes.
pub async fn flood(way: Way, seconds: u64) {
    let g = ground(1).await;
    let at = listen(&g, way).await;
    let sent = Arc::new(AtomicU64::new(0));
    let (began, cpu) = (Instant::now(), cpu());
    let until = began + Duration::from_secs(seconds);
    let senders: Vec<_> =
        (0..SENDERS).map(|who| tokio::spawn(send(at, way, who, until, None, sent.clone()))).collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let taken = began.elapsed();
    // What is under way arrives.
    let sent = sent.load(Ordering::Relaxed);
    while way == Way::Syslog && began.elapsed() < taken + Duration::from_secs(60) {
        g.judged().await;
        if g.events() >= sent {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    g.judged().await;
    let all = began.elapsed();
    let each = |of: Duration| sent as f64 / of.as_secs_f64();
    println!(
        "{sent} events: taken {:.0}/s, judged and in the table {:.0}/s ({:.1} s, {:.1} s of processors), {} in the table, {} MB",
        each(taken),
        each(all),
        all.as_secs_f64(),
        self::cpu() - cpu,
        g.events(),
        memory(),
    );
    g.end().await;
}

/// Sends lines that are alerts, each of a body of its own, beside the load.
pub async fn alerts(seconds: u64, rate: u64) {
    let probes = seconds * 4;
    let g = ground(usize::try_from(probes).unwrap() + 1).await;
    let at = listen(&g, Way::Syslog).await;
    let web = listen(&g, Way::Bulk).await;
    let sent = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let senders: Vec<_> = (0..SENDERS)
        .map(|who| tokio::spawn(send(at, Way::Syslog, who, until, Some(rate / SENDERS), sent.clone())))
        .collect();
    let times: Arc<std::sync::Mutex<HashMap<String, Instant>>> = Arc::default();
    let told = times.clone();
    let prober = tokio::spawn(async move {
        let mut socket = TcpStream::connect(web).await.unwrap();
        let mut buffer = Vec::new();
        for n in 1..=probes {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let body = "<38>Nov 22 08:00:00 may01 sshd[1]: Accepted password for root from 203.0.113.9 port 1 ssh2\n";
            told.lock().unwrap().insert(format!("b{n}"), Instant::now());
            let head = format!(
                "POST /lines HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {n}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(head.as_bytes()).await.unwrap();
            assert_eq!(answer(&mut socket, &mut buffer).await, 200, "{}", String::from_utf8_lossy(&buffer));
        }
    });
    let mut changes = g.t.db.changes(0, &[Topic::Alert]);
    let mut took: Vec<Duration> = Vec::new();
    let mut seen: std::collections::HashSet<String> = std::collections::HashSet::new();
    while seen.len() < probes as usize && began.elapsed() < Duration::from_secs(seconds + 30) {
        let Ok(Ok(_)) = tokio::time::timeout(Duration::from_secs(5), changes.next()).await else { continue };
        // As the page does when it is told.
        let mut sql = g.t.db.read().await.unwrap();
        let found = alerts::list(&mut sql, &Scope::system(), &Default::default(), None, 1_000).await.unwrap();
        for one in found {
            if let Some(at) = times.lock().unwrap().get(&one.body_name)
                && seen.insert(one.body_name)
            {
                took.push(at.elapsed());
            }
        }
    }
    prober.await.unwrap();
    for sender in senders {
        sender.await.unwrap();
    }
    took.sort();
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
    println!(
        "{} alerts beside {:.0} events/s: half within {:.0?}, 99 of 100 within {:.0?}, the last {:.0?}",
        took.len(),
        sent.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64(),
        at(50),
        at(99),
        took[took.len() - 1],
    );
    g.end().await;
}

/// For long, mixed.
pub async fn soak(seconds: u64, rate: u64) {
    let g = ground(1).await;
    let (tcp, web) = (listen(&g, Way::Syslog).await, listen(&g, Way::Bulk).await);
    let sent = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let senders: Vec<_> = (0..SENDERS)
        .map(|who| {
            let (at, way) = if who % 2 == 0 { (tcp, Way::Syslog) } else { (web, Way::Bulk) };
            tokio::spawn(send(at, way, who, until, Some(rate / SENDERS), sent.clone()))
        })
        .collect();
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(60).min(until.saturating_duration_since(Instant::now())))
            .await;
        let size = g.lake.size();
        println!(
            "{:>5} s: {} sent, {} in the table, {} files of {} MB, memory {} MB",
            began.elapsed().as_secs(),
            sent.load(Ordering::Relaxed),
            g.events(),
            size.files,
            size.bytes >> 20,
            memory(),
        );
    }
    for sender in senders {
        sender.await.unwrap();
    }
    let sent = sent.load(Ordering::Relaxed);
    let last = Instant::now();
    while g.events() < sent && last.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!(
        "{sent} sent, {} in the table: {}",
        g.events(),
        if g.events() == sent { "none lost, none twice" } else { "NOT ALIKE" }
    );
    g.end().await;
}

/// Processor time of this process, in seconds.
pub fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let of = |n: usize| text.split(' ').nth(n).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (of(13) + of(14)) / 100.0
}
