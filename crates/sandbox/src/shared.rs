//! One control plane for all tests of a process, and across processes where the caller arranged it.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Result, anyhow};

use crate::control_plane::{ControlPlane, Size};
use crate::host;

/// Names the kubeconfig file of a running control plane that [`shared`] is to use: set by whoever starts several test
/// programs, so that they need one API server between them.
pub const KUBECONFIG_VARIABLE: &str = "REFLUX_SANDBOX_KUBECONFIG";

/// The API server that all tests of this process share: started at the first call, or the one that
/// [`KUBECONFIG_VARIABLE`] names. It may be called with or without an async runtime.
///
/// Tests must not step on each other: use a namespace each ([`ControlPlane::namespace`]), and a control plane of your own
/// where cluster-wide objects come and go.
///
/// # Panics
/// If it cannot be started: no test could go on.
#[expect(
    clippy::panic,
    reason = "called by tests alone, which fail by panicking"
)]
pub fn shared() -> &'static ControlPlane {
    static SHARED: OnceLock<ControlPlane> = OnceLock::new();
    // Statics are not dropped. The processes end when this one does.
    SHARED.get_or_init(|| match obtain() {
        Ok(control_plane) => control_plane,
        Err(error) => panic!("no control plane for the tests: {error:#}"),
    })
}

fn obtain() -> Result<ControlPlane> {
    if let Some(path) = host::variable(KUBECONFIG_VARIABLE) {
        return ControlPlane::attach(&PathBuf::from(path));
    }
    // A thread of its own, because the caller's may be driving a runtime, which cannot be blocked on from inside.
    let start = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(ControlPlane::start(Size::ApiOnly))
    };
    std::thread::spawn(start)
        .join()
        .map_err(|_| anyhow!("the thread that starts it panicked"))?
}
