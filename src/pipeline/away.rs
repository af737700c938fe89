//! Expressions that are evaluated on another thread than the one that serves their connection.
//!
//! Owns which lane each goes to, and that no more than its text waits there where many wait.

use std::sync::Arc;
use std::time::Duration;

use super::runner::{AwayRunner, Place, Step};
use super::{Caller, Pipeline, Render, Started};
use crate::language::{Lane, Prepared};

impl Pipeline {
    /// Among the scripts, and among the long ones where it takes long.
    pub(super) async fn run_script(
        &self,
        text: Arc<str>,
        prepared: Prepared,
        caller: Caller,
        render: Render,
    ) -> Started {
        let script = prepared.lane() == Lane::Script;
        let mut in_vain = if script { Duration::ZERO } else { Place::Serving.stay().unwrap_or_default() };
        let work = |holds: bool| {
            let runner = self.away(&text, holds.then_some(prepared), caller, render);
            move || runner.step(Place::Script, in_vain)
        };
        let mut ran = self.lanes.script(text.len(), work).await;
        if let Ok((Step::Long, prepared)) = ran {
            in_vain += Place::Script.stay().unwrap_or_default();
            let work = |holds: bool| {
                let runner = self.away(&text, prepared.filter(|_| holds), caller, render);
                move || runner.step(Place::LongScript, in_vain)
            };
            ran = self.lanes.long_script(text.len(), work).await;
        }
        match ran {
            Ok((Step::Elsewhere, prepared)) => {
                self.run_blocking(text, prepared, script, caller, render).await
            }
            Ok((step, _)) => self.started(step, caller, render),
            Err(failure) => self.failed(failure),
        }
    }

    /// Where it may block.
    pub(super) async fn run_blocking(
        &self,
        text: Arc<str>,
        prepared: Option<Prepared>,
        script: bool,
        caller: Caller,
        render: Render,
    ) -> Started {
        let place = Place::Blocking { script };
        let work = |holds: bool| {
            let runner = self.away(&text, prepared.filter(|_| holds), caller, render);
            move || runner.step(place, Duration::ZERO)
        };
        match self.lanes.blocking(text.len(), work).await {
            Ok((step, _)) => self.started(step, caller, render),
            Err(failure) => self.failed(failure),
        }
    }

    fn away(
        &self,
        text: &Arc<str>,
        prepared: Option<Prepared>,
        caller: Caller,
        render: Render,
    ) -> AwayRunner {
        AwayRunner {
            world: Arc::clone(&self.world),
            language: Arc::clone(&self.language),
            waits: Arc::clone(&self.waits),
            text: Arc::clone(text),
            prepared,
            caller,
            render,
        }
    }
}
