//! What a file is, by its bytes: never by its name or what a browser claims.

use memchr::memmem;
use serde::{Deserialize, Serialize};

/// How many first bytes tell text from the rest.
const HEAD: usize = 4096;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileKind {
    /// Portable document.
    Pdf,
    /// Word 2007 and later, without macros.
    Docx,
    /// Excel 2007 and later, without macros.
    Xlsx,
    /// PowerPoint 2007 and later, without macros.
    Pptx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument table.
    Ods,
    /// Word up to 2003.
    Doc,
    /// Excel up to 2003.
    Xls,
    /// PowerPoint up to 2003.
    Ppt,
    /// An Office document behind a password.
    OfficeEncrypted,
    /// An Office document with macros in it.
    OfficeMacros,
    /// Rich text.
    Rtf,
    /// Text without a more special form.
    Text,
    /// Text with the same number of separators in its lines.
    Csv,
    /// JSON.
    Json,
    /// XML without a more special form.
    Xml,
    /// A mail message with its headers.
    Eml,
    /// A mail message of Outlook.
    Msg,
    /// Picture.
    Png,
    /// Picture.
    Jpeg,
    /// Picture.
    Gif,
    /// Picture.
    Webp,
    /// Picture.
    Tiff,
    /// Picture.
    Bmp,
    /// Picture of a newer telephone.
    Heic,
    /// Film.
    Mp4,
    /// Other film or sound.
    Media,
    /// A zip that is nothing more special.
    Zip,
    /// Another archive: 7z, rar, gzip, xz, tar …
    Archive,
    /// A page for a browser, SVG included: may carry script.
    Html,
    /// Text that an interpreter runs.
    Script,
    /// A program, library, installer, shortcut or package for any system.
    Executable,
    /// Nothing known.
    Unknown,
}

impl FileKind {
    /// The media type to store and serve it with. What could run in a browser is `application/octet-stream`.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Doc => "application/msword",
            Self::Xls => "application/vnd.ms-excel",
            Self::Ppt => "application/vnd.ms-powerpoint",
            Self::Rtf => "application/rtf",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Eml => "message/rfc822",
            Self::Msg => "application/vnd.ms-outlook",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Heic => "image/heic",
            Self::Mp4 => "video/mp4",
            Self::Zip => "application/zip",
            Self::OfficeEncrypted
            | Self::OfficeMacros
            | Self::Xml
            | Self::Media
            | Self::Archive
            | Self::Html
            | Self::Script
            | Self::Executable
            | Self::Unknown => "application/octet-stream",
        }
    }

    /// Whether it can act when someone opens it: to be refused as evidence.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Executable | Self::Script | Self::Html | Self::OfficeMacros)
    }

    /// Whether [`crate::open`] reads it as a paper.
    #[must_use]
    pub fn is_paper(self) -> bool {
        matches!(self, Self::Pdf | Self::Docx | Self::Text | Self::Csv)
    }

    /// Whether [`crate::sheet::open`] reads it as a table. One column of CSV looks like any text.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Xlsx | Self::Csv | Self::Text)
    }
}

/// Tells what a file is by its magic bytes and, for text, its first lines. Parses nothing.
#[must_use]
pub fn sniff(bytes: &[u8]) -> FileKind {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    // A PDF may begin with up to a kilobyte of something else.
    if head.get(..1024.min(head.len())).is_some_and(|start| holds(start, b"%PDF-")) {
        return FileKind::Pdf;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip(bytes);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return ole(bytes);
    }
    if head.starts_with(b"{\\rtf") {
        return FileKind::Rtf;
    }
    // Shortcuts of Windows start programs.
    if head.starts_with(b"L\0\0\0\x01\x14\x02\0") {
        return FileKind::Executable;
    }
    match infer::get(head) {
        Some(kind) => known(kind.extension(), kind.matcher_type(), head),
        None => text(head),
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memmem::find(bytes, part).is_some()
}

/// Names of entries stand unpacked in a zip.
fn zip(bytes: &[u8]) -> FileKind {
    let has = |name: &[u8]| holds(bytes, name);
    if has(b"AndroidManifest.xml") || has(b"META-INF/MANIFEST.MF") {
        FileKind::Executable
    } else if has(b"vbaProject.bin") {
        FileKind::OfficeMacros
    } else if has(b"word/document.xml") || (has(b"word/") && has(b"[Content_Types].xml")) {
        FileKind::Docx
    } else if has(b"xl/workbook.xml") {
        FileKind::Xlsx
    } else if has(b"ppt/presentation.xml") {
        FileKind::Pptx
    } else if has(b"mimetypeapplication/vnd.oasis.opendocument.text") {
        FileKind::Odt
    } else if has(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet") {
        FileKind::Ods
    } else {
        FileKind::Zip
    }
}

/// Names of streams stand in UTF-16 in the directory of an OLE file.
fn ole(bytes: &[u8]) -> FileKind {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        holds(bytes, &wide)
    };
    if has("EncryptedPackage") {
        FileKind::OfficeEncrypted
    } else if has("_VBA_PROJECT") {
        FileKind::OfficeMacros
    } else if has("WordDocument") {
        FileKind::Doc
    } else if has("Workbook") {
        FileKind::Xls
    } else if has("PowerPoint Document") {
        FileKind::Ppt
    } else if has("__properties_version1.0") {
        FileKind::Msg
    } else {
        // Installers (MSI) are OLE files with no such names.
        FileKind::Executable
    }
}

fn known(extension: &str, group: infer::MatcherType, head: &[u8]) -> FileKind {
    use infer::MatcherType;
    match (extension, group) {
        ("png", _) => FileKind::Png,
        ("jpg", _) => FileKind::Jpeg,
        ("gif", _) => FileKind::Gif,
        ("webp", _) => FileKind::Webp,
        ("tif", _) => FileKind::Tiff,
        ("bmp", _) => FileKind::Bmp,
        ("heif" | "heic", _) => FileKind::Heic,
        ("mp4" | "m4v", _) => FileKind::Mp4,
        ("html", _) => FileKind::Html,
        ("sh", _) => FileKind::Script,
        ("xml" | "pem", _) => text(head),
        ("msi" | "deb" | "rpm" | "crx" | "cab" | "swf" | "ar", _) => FileKind::Executable,
        ("sqlite" | "der" | "qcow2", _) => FileKind::Unknown,
        (_, MatcherType::App) => FileKind::Executable,
        (_, MatcherType::Archive) => FileKind::Archive,
        (_, MatcherType::Video | MatcherType::Audio) => FileKind::Media,
        // A rare format that happens to begin like letters is text all the same.
        _ => match text(head) {
            FileKind::Unknown => FileKind::Unknown,
            kind => kind,
        },
    }
}

fn text(head: &[u8]) -> FileKind {
    let Some(head) = crate::plain::head_of_text(head) else { return FileKind::Unknown };
    let start = head.trim_start().to_ascii_lowercase();
    let begins = |with: &[&str]| with.iter().any(|word| start.starts_with(word));
    if begins(&["#!"]) || begins(&["@echo off", "<?php", "<%@", "on error resume next"]) {
        return FileKind::Script;
    }
    // Browsers look for markup anywhere in the first lines of what is sent to them without a type.
    let markup = ["<!doctype html", "<html", "<head", "<body", "<script", "<svg", "<iframe"];
    if markup.iter().any(|tag| start.contains(tag)) {
        return FileKind::Html;
    }
    if begins(&["<?xml"]) {
        return FileKind::Xml;
    }
    if begins(&["return-path:", "received:", "delivered-to:", "mime-version:", "x-mozilla-status:"])
        || (begins(&["from:", "date:", "subject:", "message-id:"]) && start.contains("\nto:"))
    {
        return FileKind::Eml;
    }
    if begins(&["{\"", "{\n", "{\r", "{ ", "[{", "[\n"]) {
        return FileKind::Json;
    }
    if crate::sheet::separator(&head).is_some() { FileKind::Csv } else { FileKind::Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_magic() {
        for (bytes, kind) in [
            (&b"%PDF-1.7\n"[..], FileKind::Pdf),
            (b"\n\n%PDF-1.4", FileKind::Pdf),
            (b"\x89PNG\r\n\x1a\n____", FileKind::Png),
            (b"\xff\xd8\xff\xe0____", FileKind::Jpeg),
            (b"MZ\x90\0\x03\0\0\0", FileKind::Executable),
            (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", FileKind::Executable),
            (b"#!/bin/sh\necho", FileKind::Script),
            (b"@echo off\r\ndel", FileKind::Script),
            (b"  <!DOCTYPE html><p>", FileKind::Html),
            (b"<?xml version='1.0'?><svg xmlns='x'/>", FileKind::Html),
            (b"<?xml version='1.0'?><note/>", FileKind::Xml),
            (b"hello <script>alert(1)</script>", FileKind::Html),
            (b"{\\rtf1\\ansi", FileKind::Rtf),
            (b"\x1f\x8b\x08\0\0\0\0\0", FileKind::Archive),
            (b"7z\xbc\xaf\x27\x1c", FileKind::Archive),
            (b"PK\x05\x06\0\0\0\0", FileKind::Zip),
            (b"Received: from a\r\nTo: b\r\n", FileKind::Eml),
            (b"{\"a\": 1}", FileKind::Json),
            (b"a,b,c\n1,2,3\n", FileKind::Csv),
            ("tên;mã\nSở A;1\n".as_bytes(), FileKind::Csv),
            ("Kính gửi: Các sở, ban, ngành;\nSở đề nghị.\n".as_bytes(), FileKind::Text),
            (b"\0\x01\x02\x03", FileKind::Unknown),
            (b"", FileKind::Text),
        ] {
            assert_eq!(sniff(bytes), kind, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
