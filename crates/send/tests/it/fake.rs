//! A fake of every service that speaks HTTP, written for the purpose: it keeps what it is asked and answers as planned,
//! badly too. It is a fake: that the real services behave so is written down from their documentation, not measured.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What it does next.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Answers.
    Say(u16, &'static str, String),
    /// Takes it and hangs up without a word.
    Drop,
    /// Takes it and says nothing for ever.
    Hang,
    /// Answers with more than anybody should read.
    Flood,
}

pub fn say(status: u16, body: impl Into<String>) -> Plan {
    Plan::Say(status, "", body.into())
}

/// The fake.
pub struct Fake {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// Answers by these plans in turn; afterwards as by the last.
    pub async fn start(plans: impl IntoIterator<Item = Plan>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let plans = Arc::new(Mutex::new(plans.into_iter().collect::<VecDeque<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, plans.clone(), kept.clone()));
            }
        });
        Fake { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, plans: Arc<Mutex<VecDeque<Plan>>>, asked: Arc<Mutex<Vec<Asked>>>) {
    let Some(request) = read(&mut stream).await else { return };
    asked.lock().unwrap().push(request);
    let plan = {
        let mut plans = plans.lock().unwrap();
        if plans.len() > 1 { plans.pop_front() } else { plans.front().cloned() }
    };
    let (status, extra, body) = match plan.unwrap_or_else(|| say(200, "{}")) {
        Plan::Say(status, extra, body) => (status, extra, body),
        Plan::Drop => return,
        Plan::Hang => std::future::pending().await,
        Plan::Flood => (200, "", "x".repeat(1_000_000)),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\n{extra}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..at].to_vec()).ok()?;
            let mut lines = head.lines();
            let mut first = lines.next()?.split(' ');
            let headers: Vec<(String, String)> = lines
                .filter_map(|l| l.split_once(": "))
                .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
                .collect();
            let length =
                headers.iter().find(|(n, _)| n == "content-length").map_or(Ok(0), |(_, v)| v.parse());
            let length: usize = length.ok()?;
            if bytes.len() >= at + 4 + length {
                let body = bytes[at + 4..at + 4 + length].to_vec();
                let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
                return Some(Asked { method, path, headers, body });
            }
        }
        let n = stream.read(&mut chunk).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..n]);
    }
}
