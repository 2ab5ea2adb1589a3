//! How shippers are set up: our own words for each, ready to paste.

use domain::source::Kind;

/// Name and text of what fits a kind of source. `base` is this centre's address.
pub(super) fn of(kind: Kind, base: &str, token: &str) -> Vec<(&'static str, String)> {
    let base = format!("{base}/intake");
    let (tls, rest) = match base.split_once("://") {
        Some((scheme, rest)) => (scheme == "https", rest),
        None => (false, base.as_str()),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let default = if tls { "443" } else { "80" };
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, default));
    let switch = |on: &'static str, off: &'static str| if tls { on } else { off };
    let usetls = switch("on", "off");
    match kind {
        Kind::Syslog => vec![
            (
                "rsyslog",
                format!(
                    "action(type=\"omfwd\" target=\"{host}\" port=\"6514\" protocol=\"tcp\"\n       TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\"\n       StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\"\n       queue.type=\"LinkedList\" queue.filename=\"canh\" queue.saveOnShutdown=\"on\"\n       action.resumeRetryCount=\"-1\")"
                ),
            ),
            (
                "syslog-ng",
                format!(
                    "destination d_canh {{\n  syslog(\"{host}\" port(6514) transport(\"tls\")\n    tls(ca-file(\"/etc/ssl/certs/ca-certificates.crt\"))\n    disk-buffer(disk-buf-size(1G) reliable(yes)));\n}};"
                ),
            ),
            ("logger", format!("logger --server {host} --port 514 --udp 'thử'")),
        ],
        Kind::Elastic => vec![
            ("Winlogbeat, Filebeat", beats(&base, token)),
            (
                "Fluent Bit",
                format!(
                    "[OUTPUT]\n    Name                es\n    Match               *\n    Host                {host}\n    Port                {port}\n    Path                /{path}\n    HTTP_User           canh\n    HTTP_Passwd         {token}\n    Suppress_Type_Name  On\n    tls                 {usetls}\n    Retry_Limit         False"
                ),
            ),
            (
                "Vector",
                format!(
                    "[sinks.canh]\ntype = \"elasticsearch\"\ninputs = [\"logs\"]\nendpoints = [\"{base}\"]\napi_version = \"v8\"\nauth.strategy = \"basic\"\nauth.user = \"canh\"\nauth.password = \"{token}\"\nbuffer.type = \"disk\"\nbuffer.max_size = 1073741824"
                ),
            ),
            (
                "Python",
                format!(
                    "from elasticsearch import Elasticsearch, helpers\nes = Elasticsearch(\"{base}\", basic_auth=(\"canh\", \"{token}\"))\nhelpers.bulk(es, [{{\"_op_type\": \"create\", \"_index\": \"logs\", \"message\": \"thử\"}}])"
                ),
            ),
        ],
        Kind::Hec => vec![
            (
                "curl",
                format!(
                    "curl {base}/services/collector/event -H 'Authorization: Splunk {token}' \\\n  -d '{{\"event\":\"thử\",\"host\":\"web01\"}}'"
                ),
            ),
            (
                "Fluent Bit",
                format!(
                    "[OUTPUT]\n    Name             splunk\n    Match            *\n    Host             {host}\n    Port             {port}\n    http_uri         /{path}/services/collector/event\n    splunk_token     {token}\n    tls              {usetls}"
                ),
            ),
        ],
        Kind::Otlp => vec![
            (
                "OpenTelemetry Collector",
                format!(
                    "exporters:\n  otlphttp/canh:\n    logs_endpoint: {base}/v1/logs\n    headers:\n      Authorization: Bearer {token}\n    sending_queue:\n      enabled: true"
                ),
            ),
            (
                "Python",
                format!(
                    "from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter\nexporter = OTLPLogExporter(endpoint=\"{base}/v1/logs\",\n                           headers={{\"Authorization\": \"Bearer {token}\"}})"
                ),
            ),
        ],
        Kind::Lines => vec![(
            "curl",
            format!(
                "curl {base}/lines -H 'Authorization: Bearer {token}' --data-binary @/var/log/nginx/access.log"
            ),
        )],
    }
}

/// Beats take 9200 where no port is said.
fn beats(base: &str, token: &str) -> String {
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let port = match (authority.contains(':'), scheme) {
        (true, _) => "",
        (false, "https") => ":443",
        (false, _) => ":80",
    };
    format!(
        "output.elasticsearch:\n  hosts: [\"{scheme}://{authority}{port}/{path}\"]\n  username: canh\n  password: {token}\nsetup.template.enabled: false\nsetup.ilm.enabled: false"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_words_with_its_token_and_address() {
        for kind in Kind::ALL {
            let all = of(*kind, "https://canh.example", "t0ken");
            assert!(!all.is_empty());
            for (name, text) in all {
                assert!(text.contains("canh.example"), "{name}: {text}");
                assert_eq!(text.contains("t0ken"), *kind != Kind::Syslog, "{name}");
            }
        }
        let beats = &of(Kind::Elastic, "https://canh.example", "t")[0].1;
        assert!(beats.contains("https://canh.example:443/intake"), "{beats}");
    }
}
