//! The table's promises, on pods of one letter.
use super::*;
use crate::app::rows::PodRow;

fn pod(name: &str, restarts: u32) -> PodRow {
    PodRow {
        uid: Clean::line(&format!("uid-{name}")),
        namespace: Clean::line("shop"),
        name: Clean::line(name),
        status: Clean::line("Running"),
        node: Clean::default(),
        ip: Clean::default(),
        created: Timestamp::UNIX_EPOCH,
        restarts,
        ready: 1,
        containers: 1,
        troubled: false,
    }
}

fn table(names: &str) -> Table<PodRow> {
    let mut t = Table::default();
    t.resize(3);
    t.apply(names.chars().map(|c| Change::Upsert(pod(&c.to_string(), 0))));
    t
}

fn shown(t: &Table<PodRow>) -> String {
    t.window().map(|(r, chosen)| if chosen { r.name.to_uppercase() } else { r.name.to_string() }).collect()
}

#[test]
fn rows_are_sorted_whatever_order_they_come_in() {
    assert_eq!(shown(&table("cab")), "Abc");
}

#[test]
fn the_selection_is_a_row_not_a_place() {
    let mut t = table("bcd");
    t.step(1);
    assert_eq!(shown(&t), "bCd");
    t.apply([Change::Upsert(pod("a", 0))]);
    assert_eq!(t.selected().unwrap().name.as_str(), "c");
    t.apply([Change::Upsert(pod("c", 9))]);
    t.sort(Sort::Restarts);
    assert_eq!(shown(&t), "Cab");
    t.sort(Sort::Restarts);
    assert_eq!(t.selected().unwrap().name.as_str(), "c");
}

#[test]
fn a_row_that_goes_hands_the_selection_to_the_one_after_it() {
    let mut t = table("abc");
    t.step(1);
    t.apply([Change::Gone(Clean::line("uid-b"))]);
    assert_eq!(shown(&t), "aC");
    t.apply([Change::Gone(Clean::line("uid-c"))]);
    assert_eq!(shown(&t), "A");
    t.apply([Change::Gone(Clean::line("uid-a"))]);
    assert!(t.selected().is_none());
}

#[test]
fn a_relist_blanks_nothing_and_drops_what_it_did_not_name() {
    let mut t = table("abc");
    assert!(!t.apply([Change::ListBegins]));
    assert_eq!(shown(&t), "Abc");
    assert!(!t.apply([Change::Upsert(pod("a", 0)), Change::Upsert(pod("c", 0))]), "the same rows again change nothing on screen");
    assert_eq!(shown(&t), "Abc");
    assert!(t.apply([Change::ListEnds]));
    assert_eq!(shown(&t), "Ac");
}

#[test]
fn what_happens_off_screen_changes_nothing_on_it() {
    let mut t = table("cdefgh");
    t.step(3);
    t.step(-2);
    assert_eq!(shown(&t), "Def");
    for (change, visible) in [
        (Change::Upsert(pod("h", 3)), false),
        (Change::Upsert(pod("a", 0)), false),
        (Change::Upsert(pod("z", 0)), false),
        (Change::Gone(Clean::line("uid-a")), false),
        (Change::Upsert(pod("e", 1)), true),
        (Change::Gone(Clean::line("uid-f")), true),
    ] {
        let said = format!("{change:?}");
        assert_eq!(t.apply([change]), visible, "{said}");
    }
}

#[test]
fn a_filter_holds_for_rows_that_come_later() {
    let mut t = table("ab");
    t.set_filter(Filter::new("x"));
    assert_eq!(shown(&t), "");
    t.apply([Change::Upsert(pod("xy", 0)), Change::Upsert(pod("c", 0))]);
    assert_eq!((shown(&t).as_str(), t.listed(), t.len()), ("XY", 1, 4));
    t.set_filter(Filter::default());
    assert_eq!(t.listed(), 4);
}

#[test]
fn any_run_of_changes_leaves_the_same_table_as_a_fresh_sort() {
    let mut t = table("");
    t.resize(5);
    let mut seed = 7u32;
    for i in 0..2_000u32 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let name = format!("p{}", (seed >> 16) % 97);
        if (seed >> 8).is_multiple_of(3) {
            t.apply([Change::Gone(Clean::line(&format!("uid-{name}")))]);
        } else {
            t.apply([Change::Upsert(pod(&name, seed % 11))]);
        }
        if i % 37 == 0 {
            t.sort([Sort::Restarts, Sort::Name, Sort::Age][(i % 3) as usize]);
        }
        if i % 5 == 0 {
            t.step(isize::try_from(seed % 9).unwrap() - 4);
        }
        let order = t.order.clone();
        t.arrange();
        assert_eq!(order, t.order, "after change {i}");
        assert!(t.listed() == 0 || t.window().filter(|(_, chosen)| *chosen).count() == 1, "the selection is in the window");
    }
}
