use super::*;

fn try_new(config: &SmtpConfig) -> Result<SmtpChannel, Error> {
    SmtpChannel::new(config, &Sender::default(), 1000)
}

fn with(host: &str, security: Security, password: Option<&str>) -> SmtpConfig {
    SmtpConfig {
        security,
        username: password.map(|_| "canh".into()),
        password: password.map(|p| p.to_owned().into()),
        ..SmtpConfig::new(host)
    }
}

#[test]
fn unprotected_ways_are_narrow() {
    assert!(try_new(&with("127.0.0.1", Security::None, None)).is_ok());
    assert!(try_new(&with("localhost", Security::None, Some("x"))).is_ok());
    assert!(try_new(&with("::1", Security::None, None)).is_ok());
    assert!(try_new(&with("mail.example", Security::None, None)).is_err());
    assert!(try_new(&with("mail.example", Security::Plain, None)).is_ok());
    assert!(try_new(&with("mail.example", Security::Plain, Some("x"))).is_err());
}

#[test]
fn half_a_sign_in_and_bad_hosts_are_named() {
    let half = SmtpConfig { username: Some("canh".into()), ..SmtpConfig::new("mail.example") };
    assert!(try_new(&half).is_err());
    assert!(try_new(&SmtpConfig::new("mail.example\r\nQUIT")).is_err());
    let hello = SmtpConfig { hello: Some("a\r\nMAIL FROM:<>".into()), ..SmtpConfig::new("mail.example") };
    assert!(try_new(&hello).is_err());
    let missing = SmtpConfig { ca_file: Some("/no/such.pem".into()), ..SmtpConfig::new("mail.example") };
    assert!(matches!(try_new(&missing), Err(Error::File { .. })));
}

#[test]
fn each_way_has_its_port() {
    for (security, port) in [(Security::Tls, 465), (Security::Starttls, 587), (Security::Plain, 25)] {
        assert_eq!(try_new(&with("mail.example", security, None)).unwrap().port, port);
    }
}
