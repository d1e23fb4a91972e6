//! Stop sequences end an answer, whoever has to see to it.

use std::sync::Arc;

use super::tape::{Seen, Tape, at, client, clock, says};
use crate::client::{Call, Reply, Route};
use crate::model::{Control, Effort, FinishReason, Purpose, Request};

async fn ask(route: Route, tape: &Arc<Tape>, seen: &mut Seen) -> Reply {
    let client = client(tape.clone(), &clock(), Vec::new());
    let mut request = Request::text("m", Purpose::Ask, "count");
    (request.stream, request.stop) = (true, vec!["four".to_owned()]);
    client.call(Call::new(&[route], request), seen).await.unwrap()
}

#[tokio::test]
async fn a_model_that_refuses_them_is_not_told_and_its_answer_is_cut_here() {
    for (thinks, sent) in [(false, true), (true, false)] {
        let tape = Arc::new(Tape::default());
        tape.put("east1", says("one two three four five"));
        let plain = at("east1", "https://upstream.invalid/v1", "openai");
        let mut card = (*plain.card).clone();
        if thinks {
            (card.reasoning.control, card.reasoning.efforts) = (Control::Effort, vec![Effort::Low, Effort::High]);
        }
        let route = Route::new(Arc::clone(&plain.upstream), plain.provider, card, plain.credential.clone());
        let mut seen = Seen::default();
        let reply = ask(route, &tape, &mut seen).await;
        let body = tape.bodies().pop().unwrap();
        assert_eq!(body.get("stop").is_some(), sent, "{body:#}");
        if thinks {
            assert_eq!((reply.text.as_str(), seen.text().as_str()), ("one two three ", "one two three "));
            assert_eq!(reply.finish, Some(FinishReason::StopSequence(Some("four".to_owned()))));
            assert_eq!(tape.open(), 0, "nobody listens to the rest");
        }
    }
}
