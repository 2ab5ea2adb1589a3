//! Digital signatures in a PDF.

use serde::{Deserialize, Serialize};

/// One digital signature as it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signature {
    /// Name in the signer's certificate.
    pub name: Option<String>,
}
