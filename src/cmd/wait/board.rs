//! How far a revision is, as it is told while it is followed.

use std::collections::{HashMap, HashSet};

use crate::rollout::{Assessment, Id};
use crate::ui::{Lines, Ui};

/// What has been told so far.
pub(super) struct Board<'a> {
    ui: &'a Ui,
    headline: Option<String>,
    /// Those that were told to have arrived.
    arrived: HashSet<Id>,
    /// What was said last of each of the others.
    said: HashMap<Id, String>,
    /// The live lines of the others.
    lines: Option<Lines>,
    places: HashMap<Id, usize>,
}

impl<'a> Board<'a> {
    pub(super) fn new(ui: &'a Ui) -> Self {
        Board {
            ui,
            headline: None,
            arrived: HashSet::new(),
            said: HashMap::new(),
            lines: None,
            places: HashMap::new(),
        }
    }

    /// Tells what is new.
    pub(super) fn show(&mut self, assessment: &Assessment) {
        if self.headline != assessment.headline {
            self.headline.clone_from(&assessment.headline);
            if let Some(headline) = &self.headline {
                self.ui.waiting(headline);
            }
        }
        for (id, standing) in &assessment.standings {
            if standing.is_blocker() {
                self.arrived.remove(id);
                self.say(id, &standing.text);
            } else if self.arrived.insert(id.clone()) {
                self.said.remove(id);
                self.finish(id);
                if let Some(target) = id.target() {
                    let line = format!("{id}: {}", standing.text);
                    self.ui.about(&target).success(line);
                }
            }
        }
        self.draw(assessment);
    }

    /// Takes the live lines off the screen.
    pub(super) fn clear(&mut self) {
        self.lines = None;
        self.places.clear();
    }

    /// Programs are told of each change; on a terminal the lines show it.
    fn say(&mut self, id: &Id, text: &str) {
        if self.said.get(id).is_some_and(|said| said == text) {
            return;
        }
        if self.ui.keeps_journal()
            && let Some(target) = id.target()
        {
            self.ui.about(&target).waiting(format!("{id}: {text}"));
        }
        if let (Some(lines), Some(place)) = (&self.lines, self.places.get(id)) {
            lines.set(*place, line(id, text));
        }
        self.said.insert(id.clone(), text.to_owned());
    }

    fn finish(&mut self, id: &Id) {
        if let (Some(lines), Some(place)) = (&self.lines, self.places.remove(id)) {
            lines.finish(place);
        }
    }

    /// Draws the lines anew where there are others than before.
    fn draw(&mut self, assessment: &Assessment) {
        self.said
            .retain(|id, _| assessment.standings.contains_key(id));
        if !self.ui.is_interactive() || self.said.keys().all(|id| self.places.contains_key(id)) {
            return;
        }
        // Only one block of lines can be on the screen.
        self.clear();
        let blockers = assessment.blockers();
        let texts = blockers
            .iter()
            .map(|(id, standing)| line(id, &standing.text));
        self.lines = Some(self.ui.lines(texts));
        self.places = blockers
            .iter()
            .enumerate()
            .map(|(place, (id, _))| ((*id).clone(), place))
            .collect();
    }
}

fn line(id: &Id, text: &str) -> String {
    format!("{id}: {}", text.lines().next().unwrap_or_default())
}
