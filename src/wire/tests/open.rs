//! Results without ids find their calls.

use crate::model::Role;
use crate::wire::open::Open;

#[test]
fn a_result_without_an_id_answers_the_last_turn_first_and_in_it_the_first_call() {
    let mut open = Open::default();
    let turn = |open: &mut Open, calls: [(&str, &str); 2]| {
        for (id, name) in calls {
            // In several messages it is one turn all the same.
            open.said(Role::Assistant);
            open.called(id, name);
        }
        open.said(Role::User);
    };
    turn(&mut open, [("a", "look"), ("b", "find")]);
    turn(&mut open, [("c", "look"), ("d", "find")]);
    let mut ids = |asked: &[(&str, &str)]| -> Vec<String> {
        asked.iter().map(|(id, name)| open.answered(id, name).map_or_else(String::new, |(id, _)| id)).collect()
    };
    assert_eq!(ids(&[("", "find"), ("", ""), ("", "look"), ("", ""), ("", "")]), ["d", "c", "a", "b", ""]);
}

#[test]
fn an_id_that_comes_again_is_answered_where_it_came_last() {
    let mut open = Open::default();
    for name in ["look", "find"] {
        open.said(Role::Assistant);
        open.called("x", name);
        open.said(Role::User);
    }
    assert_eq!(open.answered("x", ""), Some(("x".into(), "find".into())));
    assert_eq!(open.answered("", ""), Some(("x".into(), "look".into())));
    assert_eq!(open.answered("y", ""), None);
}
