//! A text with named fields. What a field holds never becomes part of the form around it: it is escaped for where it
//! stands.

use std::fmt::Write;

use super::Format;

/// What the fields hold.
pub(super) struct Values<'a> {
    pub to: &'a str,
    pub text: &'a str,
    pub id: &'a str,
    pub token: &'a str,
    pub escalate_token: &'a str,
    pub lang: &'a str,
    pub callback: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    To,
    Text,
    Id,
    Token,
    EscalateToken,
    Lang,
    Callback,
}

impl Field {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "to" => Field::To,
            "text" => Field::Text,
            "id" => Field::Id,
            "token" => Field::Token,
            "escalate_token" => Field::EscalateToken,
            "lang" => Field::Lang,
            "callback" => Field::Callback,
            _ => return None,
        })
    }

    fn of<'a>(self, values: &Values<'a>) -> &'a str {
        match self {
            Field::To => values.to,
            Field::Text => values.text,
            Field::Id => values.id,
            Field::Token => values.token,
            Field::EscalateToken => values.escalate_token,
            Field::Lang => values.lang,
            Field::Callback => values.callback,
        }
    }
}

enum Piece {
    Fixed(String),
    Field(Field),
}

/// A text, taken apart once.
pub(super) struct Template {
    pieces: Vec<Piece>,
    format: Format,
}

impl Template {
    /// `{name}` is a field; any other brace stands for itself. A name in braces that is no field is a mistake.
    pub(super) fn parse(text: &str, format: Format) -> Result<Self, String> {
        let (mut pieces, mut fixed, mut rest) = (Vec::new(), String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            fixed.push_str(before);
            let name = after.split_once('}').map(|(name, _)| name).unwrap_or_default();
            let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if named {
                let field = Field::parse(name).ok_or_else(|| format!("there is no field {{{name}}}"))?;
                pieces.push(Piece::Fixed(std::mem::take(&mut fixed)));
                pieces.push(Piece::Field(field));
                rest = after.split_once('}').map_or("", |(_, rest)| rest);
            } else {
                fixed.push('{');
                rest = after;
            }
        }
        fixed.push_str(rest);
        pieces.push(Piece::Fixed(fixed));
        Ok(Template { pieces, format })
    }

    /// The text with its fields filled in.
    pub(super) fn fill(&self, values: &Values<'_>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Fixed(text) => out.push_str(text),
                Piece::Field(field) => escape(&mut out, field.of(values), self.format),
            }
        }
        out
    }
}

fn escape(out: &mut String, value: &str, format: Format) {
    match format {
        Format::Text => out.push_str(value),
        Format::Json => {
            // As serde writes a string, without its quotation marks.
            let quoted = serde_json::Value::from(value).to_string();
            let inner = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
            out.push_str(inner.unwrap_or_default());
        }
        Format::Xml => value.chars().for_each(|c| match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }),
        Format::Form => value.bytes().for_each(|b| match b {
            b if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') => {
                out.push(char::from(b))
            }
            // Writing into a String cannot fail.
            b => drop(write!(out, "%{b:02X}")),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Values<'_> {
        Values {
            to: "+84912345678",
            text,
            id: "i1",
            token: "tk",
            escalate_token: "te",
            lang: "vi",
            callback: "https://c.example/in/voice/s",
        }
    }

    #[test]
    fn what_a_field_holds_stays_inside_it() {
        let evil = "\"}, {to} & <b> ' ă\n\\";
        let json = Template::parse(r#"{"to":"{to}","t":"{text}","n":{"x":{}}}"#, Format::Json).unwrap();
        let said: serde_json::Value = serde_json::from_str(&json.fill(&values(evil))).unwrap();
        assert_eq!((said["t"].as_str(), said["to"].as_str()), (Some(evil), Some("+84912345678")));
        let said: serde_json::Value = serde_json::from_str(&json.fill(&values("\"\"\""))).unwrap();
        assert_eq!(said["t"].as_str(), Some("\"\"\""));
        let form = Template::parse("to={to}&t={text}&end=1", Format::Form).unwrap().fill(&values("a&b=c ă"));
        assert_eq!(form, "to=%2B84912345678&t=a%26b%3Dc%20%C4%83&end=1");
        let xml = Template::parse("<t>{text}</t>", Format::Xml).unwrap().fill(&values("</t>&"));
        assert_eq!(xml, "<t>&lt;/t&gt;&amp;</t>");
    }

    #[test]
    fn a_misspelt_field_is_a_mistake() {
        assert_eq!(Template::parse("{txt}", Format::Text).err().unwrap(), "there is no field {txt}");
        assert!(Template::parse("{\"a\": {}}", Format::Json).is_ok());
    }
}
