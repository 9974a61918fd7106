//! What each action of the key table does.
pub mod agent;
pub mod approve;
pub mod command;
pub mod connect;
pub mod include;
pub mod leave;
pub mod navigate;
pub mod prompt;
pub mod read;
pub mod watch;
pub mod write;

use super::App;
use super::event::Effect;
use super::keys::Action as A;
use super::layout::Focus;
use super::popup::{LineKind, PickKind, Popup};
use crossterm::event::KeyEvent;

/// Does it.
pub fn run(app: &mut App, action: A, key: &KeyEvent) -> Vec<Effect> {
    match action {
        A::Command => prompt::open(app, LineKind::Command),
        A::Filter => prompt::open(app, LineKind::Filter),
        A::Search => prompt::open(app, LineKind::Search),
        A::Help => app.popup = Some(Popup::Help(0)),
        A::AllNamespaces => return connect::scope(app, None),
        A::PickNamespace => return prompt::pick(app, PickKind::Namespace),
        A::Include => return prompt::pick(app, PickKind::Include),
        A::NextPane => navigate::pane(app, 1),
        A::PreviousPane => navigate::pane(app, -1),
        A::Zoom => app.zoom = !app.zoom,
        A::Interrupt => return leave::interrupt(app),
        A::Back => return leave::back(app),
        A::Retry => return connect::retry(app),
        A::Compose => write::compose(app, None),
        A::ToggleMode => write::toggle(app),
        A::Review => return approve::review(app),
        A::Edit => return approve::chord(app, key, |app| app.review.edit()),
        A::DenyAll => return approve::chord(app, key, |app| app.review.deny_all()),
        A::Allow => return approve::press(app, key),
        A::Suspend => return vec![Effect::Suspend],
        A::Up => navigate::step(app, -1),
        A::Down => navigate::step(app, 1),
        A::PageUp => navigate::page(app, -1),
        A::PageDown => navigate::page(app, 1),
        A::Top => navigate::end(app, true),
        A::Bottom => navigate::end(app, false),
        A::Open => return read::open(app),
        A::Describe => return read::describe(app),
        A::Yaml => return read::yaml(app),
        A::Logs => return read::logs(app, false),
        A::PreviousLogs => return read::logs(app, true),
        A::Delete => return command::delete(app),
        A::Copy => return read::copy(app),
        A::AskAbout => write::about(app),
        A::Sort(by) => match app.focus {
            Focus::Events => app.events.sort(by),
            _ => app.pods.sort(by),
        },
        A::SearchNext => read::find(app, true),
        A::SearchPrevious => read::find(app, false),
        A::Wrap => {
            if let Some(v) = app.views.last_mut() {
                v.toggle_wrap();
            }
        }
        A::Follow => read::follow(app),
        A::NextCitation => navigate::citation(app, true),
        A::PreviousCitation => navigate::citation(app, false),
        A::OpenCitation => read::citation(app),
        A::Raw => read::raw(app),
        A::Send => return write::send(app),
        A::Newline => app.chat.composer.insert_newline(),
        A::Older => write::vertical(app, key, true),
        A::Newer => write::vertical(app, key, false),
        A::Accept => return prompt::accept(app),
        A::Complete => prompt::complete(app),
    }
    Vec::new()
}
