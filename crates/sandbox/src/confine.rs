//! What a worker gives up before it reads its input.

use crate::limits::Head;
use rustix::process::{Resource, Rlimit, setrlimit};

/// What the kernel enforces on a worker beyond the resource limits, which always hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confinement {
    /// Landlock: no file can be opened, no TCP port bound or connected to.
    pub landlock: bool,
    /// seccomp: only the system calls of computing; no sockets, files, processes, threads or `exec`.
    pub seccomp: bool,
}

impl Confinement {
    /// Whether a worker taken over by its input could still reach files or the network.
    #[must_use]
    pub fn is_tight(self) -> bool {
        self.landlock || self.seccomp
    }

    pub(crate) fn to_byte(self) -> u8 {
        u8::from(self.landlock) | (u8::from(self.seccomp) << 1)
    }

    pub(crate) fn from_byte(byte: u8) -> Self {
        Self { landlock: byte & 1 != 0, seccomp: byte & 2 != 0 }
    }
}

/// Descriptors of a worker of ours: its pipes, and room for what the runtime needs.
pub(crate) const FILES: u64 = 8;
/// Descriptors of an installed program: libraries and data files, opened one after the other.
pub(crate) const FILES_OF_TOOL: u64 = 64;

/// The limits that must hold; without them the worker does not go on.
pub(crate) fn limit(head: &Head, files: u64) -> Result<(), rustix::io::Errno> {
    // One second between the soft and the hard limit: the soft one ends with SIGXCPU, which says why.
    let cpu = Rlimit { current: Some(head.cpu), maximum: Some(head.cpu.saturating_add(1)) };
    setrlimit(Resource::Cpu, cpu)?;
    setrlimit(Resource::Core, exactly(0))?;
    setrlimit(Resource::Fsize, exactly(0))?;
    setrlimit(Resource::Nofile, exactly(files))?;
    // Binds everyone but root; seccomp binds root too.
    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    setrlimit(Resource::Nproc, exactly(0))?;
    // Last, as it may fail further allocations at once.
    setrlimit(Resource::As, exactly(head.memory))
}

fn exactly(value: u64) -> Rlimit {
    Rlimit { current: Some(value), maximum: Some(value) }
}

/// The confinement this kernel can give. Never an error: what is missing is reported as missing.
#[cfg(target_os = "linux")]
pub(crate) fn confine() -> Confinement {
    // Landlock first: the filter of seccomp would forbid its system calls.
    let landlock = landlock_all().unwrap_or(false);
    Confinement { landlock, seccomp: seccomp_all().is_some() }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn confine() -> Confinement {
    Confinement::default()
}

/// Where installed programs, their libraries and data lie: all that one may read.
#[cfg(target_os = "linux")]
const SYSTEM: [&str; 6] = ["/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache"];

/// The confinement of a worker that is about to become an installed program.
#[cfg(target_os = "linux")]
pub(crate) fn confine_tool() -> Confinement {
    let landlock = landlock_system().unwrap_or(false);
    Confinement { landlock, seccomp: seccomp_tool().is_some() }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn confine_tool() -> Confinement {
    Confinement::default()
}

/// Reading and starting what the system has installed; no other file, no network.
#[cfg(target_os = "linux")]
fn landlock_system() -> Result<bool, landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
        path_beneath_rules,
    };
    let abi = ABI::V5;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, AccessFs::from_read(abi)))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Forbids what no program that turns a picture into text needs. An installed program uses too many calls to list
/// those it may, so here are those it may not: network, other processes, namespaces, keys, mounts.
#[cfg(target_os = "linux")]
fn seccomp_tool() -> Option<()> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter_all_threads};

    const FORBIDDEN: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_shmget,
        libc::SYS_msgget,
        libc::SYS_semget,
    ];
    let rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
    let refuse = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
    let arch = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    apply_filter_all_threads(&program).ok()
}

/// Handles every right Landlock knows here and grants none.
#[cfg(target_os = "linux")]
fn landlock_all() -> Result<bool, landlock::RulesetError> {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus};
    let abi = ABI::V5;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Allows what computing on memory and two pipes needs; everything else fails with `EPERM`, so that a library
/// which looks for a file or counts processors goes on without instead of dying.
#[cfg(target_os = "linux")]
fn seccomp_all() -> Option<()> {
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter_all_threads,
    };
    use std::collections::BTreeMap;

    const ALLOWED: &[libc::c_long] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_lseek,
        libc::SYS_fstat,
        libc::SYS_ppoll,
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_nanosleep,
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    // `abort` raises a signal; only in this very process.
    let this =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(std::process::id()))
            .ok()?;
    rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![this]).ok()?]);
    let refuse = SeccompAction::Errno(u32::try_from(libc::EPERM).ok()?);
    let arch = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, refuse, SeccompAction::Allow, arch).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    apply_filter_all_threads(&program).ok()
}
