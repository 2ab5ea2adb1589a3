//! What one run may use, and how that is told to the worker.

use std::time::Duration;

/// What one run may use. Every bound is hard: reaching it ends the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time by the clock on the wall, from start to exit, waiting for input included. Kept by the caller.
    pub wall: Duration,
    /// Processor time. The kernel counts whole seconds: less than one counts as one.
    pub cpu: Duration,
    /// Address space in bytes, the program's own text included: leave 256 MB for that.
    pub memory: u64,
    /// Bytes of output.
    pub output: u64,
}

impl Default for Limits {
    /// 20 s, 10 s of processor, 1 GiB, 16 MiB.
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(20),
            cpu: Duration::from_secs(10),
            memory: 1 << 30,
            output: 16 << 20,
        }
    }
}

/// The first bytes on the worker's stdin, before the input: what it has to bind itself to.
/// Written by the caller, so it is not hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Answer at once with what was enforced, without doing any work.
    pub probe: bool,
    /// Whole seconds of processor time.
    pub cpu: u64,
    /// Bytes of address space.
    pub memory: u64,
    /// Bytes of output.
    pub output: u64,
}

impl Head {
    pub const LEN: usize = 29;
    const MAGIC: [u8; 4] = *b"SBX1";

    pub fn of(limits: &Limits, probe: bool) -> Self {
        let cpu = limits.cpu.as_secs() + u64::from(limits.cpu.subsec_nanos() > 0);
        Self { probe, cpu: cpu.max(1), memory: limits.memory, output: limits.output }
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LEN);
        bytes.extend(Self::MAGIC);
        bytes.push(u8::from(self.probe));
        for number in [self.cpu, self.memory, self.output] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// `None`: not a head, so the worker was not started by [`crate::run`].
    pub fn read(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<4>()?;
        let (probe, rest) = rest.split_first()?;
        let (cpu, rest) = rest.split_first_chunk::<8>()?;
        let (memory, rest) = rest.split_first_chunk::<8>()?;
        let output = rest.first_chunk::<8>()?;
        (*magic == Self::MAGIC).then(|| Self {
            probe: *probe == 1,
            cpu: u64::from_le_bytes(*cpu),
            memory: u64::from_le_bytes(*memory),
            output: u64::from_le_bytes(*output),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_as_written() {
        let head = Head::of(&Limits { cpu: Duration::from_millis(1500), ..Limits::default() }, true);
        assert_eq!(head.cpu, 2);
        let bytes: [u8; Head::LEN] = head.write().try_into().unwrap();
        assert_eq!(Head::read(&bytes), Some(head));
        assert_eq!(Head::read(&[0; Head::LEN]), None);
    }
}
