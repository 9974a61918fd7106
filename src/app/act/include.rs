//! Families that the rules look at beside what is broken: switched on and off by a person, looked at by the runtime.
use crate::app::App;
use crate::app::event::Effect;
use crate::model::Extra;
use crate::text::Clean;

/// All of them, in the list.
pub const ALL: &str = "all";
/// None of them.
pub const NONE: &str = "none: only what is broken";

/// What there is to choose from.
pub fn choices() -> Vec<Clean> {
    Extra::ALL.iter().map(|e| e.name()).chain([ALL, NONE]).map(Clean::line).collect()
}

/// Whether a choice is in force.
pub fn is_on(app: &App, choice: &str) -> bool {
    let wanted = app.problems.include();
    match choice {
        ALL => wanted.len() == Extra::ALL.len(),
        NONE => wanted.is_empty(),
        family => family.parse::<Extra>().is_ok_and(|e| wanted.contains(&e)),
    }
}

/// A choice of the list: a family is switched, the others set.
pub fn choose(app: &mut App, choice: &str) -> Vec<Effect> {
    match choice {
        ALL => app.problems.want(Extra::ALL.to_vec()),
        NONE | "none" => app.problems.want(Vec::new()),
        family => match family.parse() {
            Ok(family) => app.problems.toggle(family),
            Err(mistake) => {
                app.say(&mistake, true);
                return Vec::new();
            }
        },
    }
    wanted(app)
}

/// `:include security,cost`: these and no others.
pub fn exactly(app: &mut App, words: &str) -> Vec<Effect> {
    if [ALL, "none"].contains(&words) {
        return choose(app, words);
    }
    match words.split(',').filter(|w| !w.is_empty()).map(str::parse).collect() {
        Ok(families) => {
            app.problems.want(families);
            wanted(app)
        }
        Err(mistake) => {
            app.say(&mistake, true);
            Vec::new()
        }
    }
}

fn wanted(app: &mut App) -> Vec<Effect> {
    app.dirty = true;
    let include = app.problems.include().to_vec();
    let names: Vec<&str> = include.iter().map(|e| e.name()).collect();
    let words = if names.is_empty() { "PROBLEMS: only what is broken.".to_owned() } else { format!("PROBLEMS: what is broken, and {}.", names.join(", ")) };
    app.say(&words, false);
    vec![Effect::Include(include)]
}
