//! One question to one model, free or in a form.

use serde_json::{Value, json};

use super::explained;
use crate::client::{Call, Client, Reply, Terms, conversation};
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::commands::listen::Watch;
use crate::commands::{plan, show};
use crate::model::{Message, ModelName, Purpose, Request};
use crate::tasks::ask::{self, Material, Sent};
use crate::tasks::form::{Form, Shaped};
use crate::ui::{escaped, plain};

/// A question that is to be asked.
pub(super) struct One<'a> {
    pub context: &'a Context,
    pub client: &'a Client,
    pub asked: &'a ModelName,
    /// What the answer must keep to.
    pub form: Option<&'a Form>,
}

impl One<'_> {
    /// Asks it.
    pub(super) async fn run(&self, question: &str, materials: &[Material]) -> Outcome {
        let (context, client) = (self.context, self.client);
        let routes = client.routes(self.asked).map_err(|error| explained(error, client))?;
        let sent = ask::sent(materials, &routes);
        sent.iter().filter_map(Sent::note).for_each(|note| context.ui.warn(&note));
        let mut text = ask::prompt(question, materials, &routes);
        if let Some(form) = self.form.filter(|form| !form.native()) {
            text = format!("{text}\n{}", form.words());
        }
        let mut request = Request::text(self.asked.0.clone(), Purpose::Ask, text);
        request.effort = context.effort(Purpose::Ask);
        request.schema = self.form.filter(|form| form.native()).map(Form::schema);
        // What is checked is not shown before.
        request.stream = self.form.is_none();
        if context.globals.show_prompt {
            return plan::show_prompt(context, client, &routes, request);
        }
        // Asked again of the same material, the whole prompt is one that was read before; a bare question is too short
        // for any cache.
        let repo = client.place.repo.as_deref().unwrap_or_default();
        let mut parts = vec!["ask", repo, question];
        materials.iter().for_each(|material| parts.extend([material.label.as_str(), material.text.as_str()]));
        let terms = Terms {
            conversation: (!materials.is_empty()).then(|| conversation(&parts)),
            patience: context.patience(Purpose::Ask),
            ..Terms::default()
        };
        let json = context.ui.look().json;
        let ask = async |request: Request, doing: &str| {
            let quiet = json || self.form.is_some();
            let mut watch = if quiet { Watch::new(&context.ui, doing) } else { Watch::streaming(&context.ui, doing) };
            let answer = client.call(Call { routes: &routes, request, terms: terms.clone() }, &mut watch).await;
            watch.end();
            answer
        };
        let mut reply = ask(request.clone(), "asking").await?;
        let Some(form) = self.form else { return self.free(&reply, &sent) };
        let mut rejected = None;
        let mut shaped = form.check(&reply.text);
        // Who refuses is not made to by being asked again.
        if let Shaped::Wrong(faults) = &shaped
            && reply.refused().is_none()
        {
            context.ui.status("the answer does not keep to the schema; asking once more");
            let told = format!(
                "Your answer does not keep to the JSON Schema:\n- {}\nAnswer the same question again, with JSON alone that keeps to it.",
                faults.join("\n- ")
            );
            request.messages.push(Message::assistant(reply.text.clone()));
            request.messages.push(Message::user(told));
            // The first answer was paid for: it is shown where the second one does not come.
            match ask(request, "asking once more").await {
                Ok(second) => {
                    shaped = form.check(&second.text);
                    rejected = Some(std::mem::replace(&mut reply, second));
                }
                Err(error) => context.ui.warn(&format!("asked once more, and got no answer: {error}")),
            }
        }
        self.formed((&reply, rejected.as_ref()), &shaped, &sent)
    }

    fn free(&self, reply: &Reply, sent: &[Sent]) -> Outcome {
        let ui = &self.context.ui;
        if ui.look().json {
            let mut out = value(reply);
            out["material"] = json!(sent);
            ui.json(&out)?;
        }
        if let Some(why) = show::incomplete(reply) {
            ui.warn(why);
            ui.status(&show::cost_line(&[reply]));
            return Ok(Exit::Incomplete);
        }
        ui.status(&format!("{} · {}", reply.route.name(), show::cost_line(&[reply])));
        Ok(Exit::Done)
    }

    fn formed(&self, (reply, rejected): (&Reply, Option<&Reply>), shaped: &Shaped, sent: &[Sent]) -> Outcome {
        let ui = &self.context.ui;
        let (exit, found, faults) = match shaped {
            Shaped::Right(found) => (Exit::Done, found.clone(), Vec::new()),
            Shaped::Wrong(faults) => (Exit::Incomplete, Value::Null, faults.clone()),
        };
        if ui.look().json {
            let mut out = value(reply);
            out["material"] = json!(sent);
            out["valid"] = json!(exit == Exit::Done);
            out["value"] = found;
            out["faults"] = json!(faults);
            out["rejected"] = json!(rejected.map(value));
            out["exit"] = json!(exit as u8);
            ui.json(&out)?;
        } else if exit == Exit::Done {
            ui.out(&escaped(&format!("{found:#}")))?;
        } else {
            ui.out(&plain(&reply.text))?;
        }
        if exit != Exit::Done {
            if let Some(why) = show::incomplete(reply) {
                ui.warn(why);
            }
            ui.error("the answer does not keep to the schema", &faults, &[]);
        }
        let replies: Vec<&Reply> = rejected.into_iter().chain([reply]).collect();
        ui.status(&format!("{} · {}", reply.route.name(), show::cost_line(&replies)));
        Ok(exit)
    }
}

fn value(reply: &Reply) -> Value {
    let mut value = show::reply_json(reply);
    value["schema"] = json!("monster.ask/1");
    value["answer"] = json!(reply.text);
    value["finish"] = json!(reply.finish.as_ref().map(|f| f.name()));
    value
}
