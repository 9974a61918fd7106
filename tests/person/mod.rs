//! A person at the dialog, for tests that approve without a screen.
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use kopilot_tui::cluster::Cluster;
use kopilot_tui::model::Plan;
use kopilot_tui::policy::approval::{Challenge, Pressed};
use kopilot_tui::policy::{Approval, Receipt};

/// The keys of a person who read the dialog for five seconds, and typed the name where it is wanted.
pub fn approve(cluster: &Cluster, plan: &Plan) -> (Approval, Receipt) {
    let now = jiff::Timestamp::now();
    let opened = now - jiff::SignedDuration::from_secs(5);
    let mut challenge = Challenge::mint(plan, &cluster.user, opened, opened);
    let typed = now - jiff::SignedDuration::from_secs(3);
    for letter in challenge.name_wanted().unwrap_or_default().to_owned().chars() {
        challenge.press(&KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE), typed);
    }
    challenge.press(&KeyEvent::new(KeyCode::Right, KeyModifiers::NONE), now);
    match challenge.press(&KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE), now) {
        Pressed::Approved(approval) => (approval, Receipt::issued(plan.digest, "test".to_owned())),
        other => panic!("not approved: {other:?}"),
    }
}
