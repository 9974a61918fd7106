//! The rectangles of the panes for any size from 1×1 up: pure geometry.
//!
//! At least 140×35: three panes side by side. From 100 columns: two, the right one with tabs. From 40×10: one, with tabs.
//! Below that: one line, which still quits and denies.
use ratatui::layout::Rect;

/// A pane that can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Focus {
    /// The pods.
    Pods,
    /// The events.
    Events,
    /// The problems.
    Problems,
    /// The chat with its composer.
    Chat,
    /// What the model was given.
    Context,
}

impl Focus {
    /// All, in the order of Tab.
    pub const ALL: [Self; 5] = [Self::Pods, Self::Events, Self::Problems, Self::Chat, Self::Context];
    /// Whether it is one of the live panel's.
    pub fn is_panel(self) -> bool {
        matches!(self, Self::Pods | Self::Events | Self::Problems)
    }
    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Pods => "PODS",
            Self::Events => "EVENTS",
            Self::Problems => "PROBLEMS",
            Self::Chat => "CHAT",
            Self::Context => "CONTEXT",
        }
    }
}

/// How much fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One line.
    Line,
    /// One pane.
    One,
    /// Two panes.
    Two,
    /// Three panes.
    Three,
}

/// A pane on screen: a title row and what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Which pane.
    pub pane: Focus,
    /// Its title row.
    pub title: Rect,
    /// Below it.
    pub body: Rect,
    /// The panes that this place shows by turns; empty when it shows one only.
    pub tabs: Vec<Focus>,
}

/// What the geometry depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The pane with the focus.
    pub focus: Focus,
    /// The panel's pane that had it last.
    pub panel: Focus,
    /// Chat or context, whichever had it last.
    pub side: Focus,
    /// A text covers the panel.
    pub view: bool,
    /// The pane with the focus takes the whole screen.
    pub zoom: bool,
}

/// All rectangles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panes {
    /// How much fits.
    pub shape: Shape,
    /// The first row.
    pub header: Rect,
    /// The panes on screen.
    pub slots: Vec<Slot>,
    /// Columns between panes.
    pub separators: Vec<Rect>,
    /// The last row.
    pub footer: Rect,
}

impl Panes {
    /// The place of a pane, when it is on screen.
    pub fn of(&self, pane: Focus) -> Option<&Slot> {
        self.slots.iter().find(|s| s.pane == pane)
    }
}

/// See the module.
pub fn panes(wish: &Wish) -> Panes {
    let (w, h) = wish.size;
    let row = |y: u16| Rect::new(0, y, w, 1.min(h));
    if w < 40 || h < 10 {
        return Panes { shape: Shape::Line, header: row(0), slots: Vec::new(), separators: Vec::new(), footer: row(0) };
    }
    let body = Rect::new(0, 1, w, h - 2);
    let shape = match (w, h) {
        (140.., 35..) if !wish.zoom => Shape::Three,
        (100.., _) if !wish.zoom => Shape::Two,
        _ => Shape::One,
    };
    let mut slots = Vec::new();
    let mut separators = Vec::new();
    match shape {
        Shape::Three => {
            let context = (w * 24 / 100).clamp(32, 56);
            let chat = (w - context) / 2;
            let [left, a, mid, b, right] = split(body, [w - chat - context - 2, 1, chat, 1, context]);
            separators.extend([a, b]);
            panel(wish, left, &mut slots);
            slots.push(slot(Focus::Chat, mid, Vec::new()));
            slots.push(slot(Focus::Context, right, Vec::new()));
        }
        Shape::Two => {
            let wide = w * 11 / 20;
            let [left, a, right, _, _] = split(body, [wide, 1, w - wide - 1, 0, 0]);
            separators.push(a);
            panel(wish, left, &mut slots);
            slots.push(slot(wish.side, right, vec![Focus::Chat, Focus::Context]));
        }
        Shape::One | Shape::Line => slots.push(slot(wish.focus, body, Focus::ALL.to_vec())),
    }
    Panes { shape, header: row(0), slots, separators, footer: row(h - 1) }
}

/// The live panel: its three lists stacked where they fit, else the one that had the focus last.
fn panel(wish: &Wish, area: Rect, slots: &mut Vec<Slot>) {
    let tabs = vec![Focus::Pods, Focus::Events, Focus::Problems];
    if wish.view || area.height < 26 {
        slots.push(slot(wish.panel, area, tabs));
        return;
    }
    let problems = (area.height / 5).max(5);
    let events = (area.height / 4).max(6);
    let mut y = area.y;
    for (pane, height) in [(Focus::Pods, area.height - events - problems), (Focus::Events, events), (Focus::Problems, problems)] {
        slots.push(slot(pane, Rect { y, height, ..area }, Vec::new()));
        y += height;
    }
}

fn slot(pane: Focus, area: Rect, tabs: Vec<Focus>) -> Slot {
    let title = Rect { height: area.height.min(1), ..area };
    let body = Rect { y: area.y + title.height, height: area.height - title.height, ..area };
    Slot { pane, title, body, tabs }
}

fn split(area: Rect, widths: [u16; 5]) -> [Rect; 5] {
    let mut x = area.x;
    widths.map(|width| {
        let rect = Rect { x, width, ..area };
        x += width;
        rect
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(w: u16, h: u16) -> Wish {
        Wish { size: (w, h), focus: Focus::Pods, panel: Focus::Pods, side: Focus::Chat, view: false, zoom: false }
    }

    #[test]
    fn the_shape_follows_the_size() {
        for ((w, h), shape, on_screen) in [
            ((1, 1), Shape::Line, 0),
            ((39, 50), Shape::Line, 0),
            ((200, 9), Shape::Line, 0),
            ((40, 10), Shape::One, 1),
            ((80, 24), Shape::One, 1),
            ((99, 60), Shape::One, 1),
            ((100, 24), Shape::Two, 2),
            ((120, 40), Shape::Two, 4),
            ((140, 34), Shape::Two, 4),
            ((140, 35), Shape::Three, 5),
            ((200, 60), Shape::Three, 5),
        ] {
            let p = panes(&wish(w, h));
            assert_eq!((p.shape, p.slots.len()), (shape, on_screen), "{w}×{h}");
        }
    }

    #[test]
    fn panes_tile_the_screen_and_never_leave_it() {
        for w in 1..=220 {
            for h in 1..=70 {
                for (focus, view, zoom) in [(Focus::Pods, false, false), (Focus::Context, true, false), (Focus::Chat, false, true)] {
                    let p = panes(&Wish { focus, view, zoom, ..wish(w, h) });
                    let screen = Rect::new(0, 0, w, h);
                    let mut area = 0u32;
                    for r in p.slots.iter().flat_map(|s| [s.title, s.body]).chain(p.separators.iter().copied()) {
                        assert_eq!(r.intersection(screen), r, "{w}×{h}");
                        area += r.area();
                    }
                    if p.shape != Shape::Line {
                        assert_eq!(area, u32::from(w) * u32::from(h - 2), "{w}×{h}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_has_the_focus_is_on_screen() {
        for focus in Focus::ALL {
            for (w, h) in [(80, 24), (120, 24), (120, 40), (200, 60)] {
                let panel = if focus.is_panel() { focus } else { Focus::Pods };
                let side = if focus.is_panel() { Focus::Chat } else { focus };
                assert!(panes(&Wish { focus, panel, side, ..wish(w, h) }).of(focus).is_some(), "{focus:?} at {w}×{h}");
            }
        }
    }
}
