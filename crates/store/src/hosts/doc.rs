//! Inventories as they lie in a column: JSON, compressed. Ten to twenty times smaller than as text.

use std::io::{Read, Write};

use domain::inventory::Inventory;
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};

use crate::StoreError;

/// No document that was written is larger: [`super::take::PACKAGES_MAX`] packages with everything told of each.
const DOC_MAX: u64 = 512 << 20;

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt("inventory", error.to_string())
}

pub(super) fn pack(it: &Inventory) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(it).map_err(corrupt)?;
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    out.write_all(&json)?;
    Ok(out.finish()?)
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Inventory, StoreError> {
    let mut json = Vec::new();
    ZlibDecoder::new(bytes).take(DOC_MAX).read_to_end(&mut json)?;
    serde_json::from_slice(&json).map_err(corrupt)
}
