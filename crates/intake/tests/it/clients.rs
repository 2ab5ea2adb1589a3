//! Real programs send: rsyslog, syslog-ng, logger, Python's elasticsearch and OpenTelemetry; and attacks performed for
//! real, on loopback, become alerts. Where a program is missing its test says so, and fails where `CANH_REQUIRE_CLIENTS`
//! is set.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use domain::{actor::Scope, source::Kind};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
};

use crate::{Ground, path::run};

/// Far longer than any of them needs; whoever waits that long has failed.
const PATIENCE: Duration = Duration::from_secs(90);

/// The programs of a test, all or none.
#[allow(clippy::print_stderr)]
fn programs<const N: usize>(names: [&str; N]) -> Option<[PathBuf; N]> {
    let dirs: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .chain(["/usr/sbin".into()])
        .collect();
    let found = names.map(|name| dirs.iter().map(|dir| dir.join(name)).find(|path| path.is_file()));
    if let Some(n) = found.iter().position(Option::is_none) {
        assert!(
            std::env::var_os("CANH_REQUIRE_CLIENTS").is_none(),
            "{} is required but not installed: see .ci/run",
            names[n]
        );
        eprintln!("skipped: {} is not installed (see .ci/run)", names[n]);
        return None;
    }
    Some(found.map(Option::unwrap))
}

/// A program that ends with the test.
struct Running(Child);
impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().unwrap())
    }
}
impl Drop for Running {
    fn drop(&mut self) {
        // Best effort: it may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// All ways in, listening on loopback.
struct Doors {
    g: Ground,
    dir: tempfile::TempDir,
    udp: SocketAddr,
    tcp: SocketAddr,
    tls: SocketAddr,
    http: SocketAddr,
    _stop: watch::Sender<bool>,
}

impl Doors {
    async fn open() -> Self {
        let g = Ground::new().await;
        let dir = tempfile::tempdir().unwrap();
        let (stop, stopped) = watch::channel(false);
        let listen = || async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            (listener.local_addr().unwrap(), listener)
        };
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let udp = socket.local_addr().unwrap();
        tokio::spawn(intake::syslog::udp(g.door.clone(), socket, stopped.clone()));
        let (tcp, listener) = listen().await;
        tokio::spawn(intake::syslog::tcp(g.door.clone(), listener, stopped.clone()));
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        fs::write(&cert, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let config = intake::syslog::tls_config(&cert, &key, None).unwrap();
        let (tls, listener) = listen().await;
        tokio::spawn(intake::syslog::tls(g.door.clone(), listener, config, stopped));
        let (http, listener) = listen().await;
        let service: IntoMakeServiceWithConnectInfo<axum::Router, SocketAddr> =
            g.router.clone().into_make_service_with_connect_info();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { g, dir, udp, tcp, tls, http, _stop: stop }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Waits until each of those is in some line kept.
    async fn kept(&self, wanted: &[&str]) -> Vec<(String, String)> {
        let waiting = async {
            let mut durable = self.g.log.durable();
            loop {
                let lines = self.g.lines();
                if wanted.iter().all(|w| lines.iter().any(|(line, _)| line.contains(w))) {
                    return lines;
                }
                durable.changed().await.unwrap();
            }
        };
        let lines = tokio::time::timeout(PATIENCE, waiting).await;
        lines.unwrap_or_else(|_| panic!("{wanted:?} did not all come: {:?}", self.g.lines()))
    }
}

fn rsyslog(program: &Path, doors: &Doors, conf: &str) -> Running {
    let dir = doors.dir.path().display();
    let whole = format!("global(workDirectory=\"{dir}\")\nmodule(load=\"imfile\")\n{conf}");
    let conf = doors.file("rsyslog.conf", &whole);
    let pid = doors.dir.path().join("rsyslog.pid");
    Running::start(Command::new(program).arg("-n").arg("-f").arg(conf).arg("-i").arg(pid))
}

fn follow(file: &Path, ruleset: &str) -> String {
    format!("input(type=\"imfile\" File=\"{}\" Tag=\"web01:\" ruleset=\"{ruleset}\")\n", file.display())
}

#[tokio::test]
async fn rsyslog_sends_over_tcp_tls_and_as_to_elasticsearch() {
    let Some([program]) = programs(["rsyslogd"]) else { return };
    let doors = Doors::open().await;
    let file = doors.file("in.log", "một: đăng nhập\nhai\n");
    let (dir, tcp, tls, http) =
        (doors.dir.path().display(), doors.tcp.port(), doors.tls.port(), doors.http.port());
    let conf = format!(
        "module(load=\"omelasticsearch\")\n\
         template(name=\"tcp\" type=\"string\" string=\"<%pri%>%timegenerated:::date-rfc3339% %hostname% over-tcp: %msg%\")\n\
         template(name=\"tls\" type=\"string\" string=\"<%pri%>%timegenerated:::date-rfc3339% %hostname% over-tls: %msg%\")\n\
         template(name=\"bulk\" type=\"list\" option.jsonf=\"on\") {{ property(outname=\"message\" name=\"msg\" format=\"jsonf\") property(outname=\"by\" name=\"$myhostname\" format=\"jsonf\") constant(outname=\"way\" value=\"over-bulk\" format=\"jsonf\") }}\n\
         ruleset(name=\"all\") {{\n\
           action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{tcp}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"tcp\")\n\
           action(type=\"omfwd\" target=\"localhost\" port=\"{tls}\" protocol=\"tcp\" template=\"tls\" StreamDriver=\"gtls\"\n\
             StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"localhost\" StreamDriver.CAFile=\"{dir}/cert.pem\")\n\
           action(type=\"omelasticsearch\" server=\"127.0.0.1\" serverport=\"{http}\" uid=\"canh\" pwd=\"elastic\" bulkmode=\"on\"\n\
             searchIndex=\"logs\" searchType=\"\" template=\"bulk\" action.resumeRetryCount=\"-1\")\n\
         }}\n{}",
        follow(&file, "all")
    );
    let _running = rsyslog(&program, &doors, &conf);
    let lines = doors.kept(&["over-tcp", "over-tls", "over-bulk"]).await;
    assert!(lines.iter().any(|(line, _)| line.contains("over-tcp: một: đăng nhập")), "{lines:?}");
    let bulk = lines.iter().find(|(line, _)| line.contains("over-bulk")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&bulk.0).unwrap();
    assert!(["một: đăng nhập", "hai"].contains(&json["message"].as_str().unwrap()), "{json}");
}

#[tokio::test]
async fn syslog_ng_posts_lines_and_bulk() {
    let Some([program]) = programs(["canh-syslog-ng"]) else { return };
    let doors = Doors::open().await;
    let file = doors.file("in.log", "một: đăng nhập\nhai\n");
    let http = doors.http;
    let conf = format!(
        "@version: 3.38\noptions {{ stats-freq(0); }};\n\
         source s {{ file(\"{}\" flags(no-parse) read-old-records(yes)); }};\n\
         destination lines {{ http(url(\"http://{http}/lines\") method(\"POST\") headers(\"Authorization: Bearer lines\")\n\
           body(\"over-lines $MSG\") delimiter(\"\\n\") batch-lines(2) batch-timeout(300)); }};\n\
         destination bulk {{ http(url(\"http://{http}/_bulk\") method(\"POST\") user(\"canh\") password(\"elastic\")\n\
           headers(\"Content-Type: application/x-ndjson\") body('{{\"create\":{{}}}}\\n$(format-json way=over-bulk message=$MSG)\\n')\n\
           delimiter(\"\") batch-lines(2) batch-timeout(300)); }};\n\
         log {{ source(s); destination(lines); destination(bulk); }};\n",
        file.display()
    )
    .replace("}}\\n$(", "}}\n$(")
    .replace(")\\n')", ")\n')");
    let conf = doors.file("syslog-ng.conf", &conf);
    let at = |name: &str| doors.dir.path().join(name);
    let mut command = Command::new(program);
    command.args(["--foreground", "--no-caps", "--cfgfile"]).arg(conf);
    command.arg("--persist-file").arg(at("persist")).arg("--pidfile").arg(at("pid"));
    let _running = Running::start(command.arg("--control").arg(at("ctl")));
    let lines = doors.kept(&["over-lines hai", "over-bulk"]).await;
    assert!(lines.iter().any(|(line, _)| line == "over-lines một: đăng nhập"), "{lines:?}");
}

#[tokio::test]
async fn logger_sends_both_standards_over_both_ways() {
    let Some([program]) = programs(["logger"]) else { return };
    let doors = Doors::open().await;
    for (way, port) in [("--tcp", doors.tcp.port()), ("--udp", doors.udp.port())] {
        for standard in ["--rfc3164", "--rfc5424"] {
            let mut command = Command::new(&program);
            command.args(["--server", "127.0.0.1", "--port"]).arg(port.to_string());
            command.args([way, standard, "--tag", "canh", "--"]).arg(format!("thử{way}{standard}"));
            assert!(command.status().unwrap().success());
        }
    }
    let octets = Command::new(&program)
        .args(["--server", "127.0.0.1", "--port"])
        .arg(doors.tcp.port().to_string())
        .args(["--tcp", "--octet-count", "--", "đếm byte"])
        .status();
    assert!(octets.unwrap().success());
    let wanted =
        ["thử--tcp--rfc3164", "thử--tcp--rfc5424", "thử--udp--rfc3164", "thử--udp--rfc5424", "đếm byte"];
    let lines = doors.kept(&wanted).await;
    assert!(lines.iter().all(|(line, _)| line.starts_with('<')), "framing is no part of a line: {lines:?}");
}

#[tokio::test]
async fn pythons_elasticsearch_and_opentelemetry_deliver() {
    let Some([program]) = programs(["canh-clients-python"]) else { return };
    let doors = Doors::open().await;
    let script = doors.file("send.py", include_str!("clients.py"));
    let mut running = Running::start(Command::new(program).arg(script).arg(format!("http://{}", doors.http)));
    let lines = doors.kept(&["từ elasticsearch", "từ opentelemetry"]).await;
    let done = tokio::task::spawn_blocking(move || running.0.wait().unwrap().success());
    assert!(done.await.unwrap(), "each of them says that it was taken");
    assert_eq!(lines.iter().filter(|(line, _)| line.contains("từ elasticsearch")).count(), 3);
}

#[tokio::test]
async fn guessing_at_a_real_sshd_becomes_an_alert() {
    let Some([sshd, ssh, keygen, logger]) = programs(["sshd", "ssh", "ssh-keygen", "logger"]) else { return };
    let doors = Doors::open().await;
    let dir = doors.dir.path();
    let key = dir.join("host");
    let made = Command::new(keygen).args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    // It closes what it has no room for: a port is found before, and nobody else listens there.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let conf = doors.file(
        "sshd.conf",
        &format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nPidFile none\nUsePAM no\nPasswordAuthentication yes\nMaxStartups 100\n",
            key.display()
        ),
    );
    // Separation of privileges wants this folder; a running system has it.
    let _ = fs::create_dir_all("/run/sshd");
    let mut server = Command::new(sshd)
        .args(["-D", "-e", "-f"])
        .arg(conf)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let told = server.stderr.take().unwrap();
    let _server = Running(server);
    let _told = Running(
        Command::new(logger)
            .args([
                "--tag",
                "sshd",
                "--id=4242",
                "-p",
                "auth.info",
                "--rfc3164",
                "--tcp",
                "--server",
                "127.0.0.1",
                "--port",
            ])
            .arg(doors.tcp.port().to_string())
            .stdin(told)
            .spawn()
            .unwrap(),
    );
    doors.kept(&["Server listening"]).await;
    let ask = doors.file("ask", "#!/bin/sh\necho sai-mat-khau\n");
    fs::set_permissions(&ask, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for _ in 0..5 {
        let mut attack = Command::new(&ssh);
        attack.env("SSH_ASKPASS", &ask).env("SSH_ASKPASS_REQUIRE", "force").stdin(Stdio::null());
        attack.args(["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]);
        attack.args(["-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no", "-p"]);
        let ended =
            attack.arg(port.to_string()).arg("quantri@127.0.0.1").arg("true").stderr(Stdio::null()).status();
        assert!(!ended.unwrap().success(), "nobody gets in");
    }
    let found = tokio::time::timeout(PATIENCE, run(&doors.g, 1)).await;
    let found = found.unwrap_or_else(|_| panic!("no alert: {:?}", doors.g.lines()));
    assert!(found.iter().any(|a| a.alert.title == "Đoán mật khẩu SSH"), "{found:?}");
}

#[tokio::test]
async fn probing_a_real_nginx_becomes_an_alert() {
    let Some([nginx, rsyslogd]) = programs(["nginx", "rsyslogd"]) else { return };
    let doors = Doors::open().await;
    let dir = doors.dir.path();
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let at = dir.display();
    let conf = doors.file(
        "nginx.conf",
        &format!(
            "daemon off; master_process off; pid {at}/nginx.pid; error_log {at}/error.log;\nevents {{}}\nhttp {{\n\
             client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;\n\
             access_log {at}/access.log combined;\n\
             server {{ listen 127.0.0.1:{port}; root {at}/www; }} }}\n"
        ),
    );
    let access = doors.file("access.log", "");
    let tcp = doors.tcp.port();
    let forward = format!(
        "ruleset(name=\"all\") {{ action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{tcp}\" protocol=\"tcp\") }}\n\
         input(type=\"imfile\" File=\"{}\" Tag=\"nginx:\" ruleset=\"all\")\n",
        access.display()
    );
    let _server = Running::start(Command::new(nginx).arg("-p").arg(dir).arg("-c").arg(conf));
    let _shipper = rsyslog(&rsyslogd, &doors, &forward);
    let probe = async |path: String| {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(format!("GET {path} HTTP/1.0\r\nHost: x\r\nUser-Agent: thử\r\n\r\n").as_bytes())
            .await?;
        let mut said = Vec::new();
        stream.read_to_end(&mut said).await
    };
    // It listens a moment after it was started.
    let up = async {
        while probe("/".into()).await.is_err() {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(PATIENCE, up).await.unwrap();
    for n in 0..70 {
        probe(format!("/wp-content/plugins/{n}/.env")).await.unwrap();
    }
    let found = tokio::time::timeout(PATIENCE, run(&doors.g, 1)).await;
    let found = found.unwrap_or_else(|_| panic!("no alert: {:?}", doors.g.lines()));
    assert!(found.iter().any(|a| a.alert.title == "Dò quét trang web"), "{found:?}");
    let mut sql = doors.g.t.db.read().await.unwrap();
    let source = doors.g.source(Kind::Syslog);
    let events = store::alerts::events(&mut sql, &Scope::system(), found[0].alert.id).await.unwrap();
    assert!(events.iter().all(|e| e.event.source == source));
}
