//! The real controllers run on the sandbox's control plane, act on objects, and behave as their pods would.

#[path = "flux/support.rs"]
mod support;

#[path = "flux/life.rs"]
mod life;
#[path = "flux/story.rs"]
mod story;

#[expect(dead_code, reason = "only some of it is needed here")]
#[path = "github/support.rs"]
mod github;
