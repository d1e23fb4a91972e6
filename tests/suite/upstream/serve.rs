//! One connection: reads requests, looks into the script, answers and breaks as it says.

use std::io;
use std::net::TcpStream;

use serde_json::Value;

use super::answer::{Answer, Error, Fault};
use super::call::{Call, key_in};
use super::dialect::Dialect;
use super::door::{self, Asked};
use super::http::{Line, Request};
use super::script::Script;

/// Serves until the caller hangs up or a fault closes the connection.
pub fn connection(stream: TcpStream, script: &Script) {
    let Ok(mut line) = Line::new(stream) else { return };
    while let Ok(Some(request)) = line.request() {
        match one(&mut line, &request, script) {
            Ok(true) => {}
            Ok(false) => return line.close(),
            // Nobody took the answer.
            Err(_) => return script.hang_up(),
        }
    }
}

/// Answers one request; `false` when the connection is to be closed.
fn one(line: &mut Line, request: &Request, script: &Script) -> io::Result<bool> {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let (provider, asked) = door::asked(&request.method, path, query);
    // Azure has the same paths, and a name of its own for the key.
    let cloud = match provider.as_str() {
        "openai" => "azure",
        "anthropic" => "azure-foundry",
        other => other,
    };
    let keyed = request.headers.iter().any(|(name, _)| name == "api-key");
    let provider = if keyed { cloud.to_owned() } else { provider };
    let Asked::Generation { dialect, model, stream } = asked else {
        script.play().others.push(format!("{} {path}", request.method));
        let page = script.play().pages.get(path).cloned().filter(|_| request.method == "GET");
        if let Some(page) = page {
            if page.silent {
                return Ok(stall(line, script));
            }
            let good = key_in(&request.headers).as_deref() == Some(page.key.as_str());
            let refused = (401, r#"{"error":{"message":"Unauthorized","code":"invalid_api_key"}}"#.to_owned());
            let (status, body) = if good { (page.status, page.body) } else { refused };
            line.answer(status, "application/json", &[], body.as_bytes())?;
            return Ok(true);
        }
        return other(line, request, script, &provider, asked);
    };
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        script.play().refusals.push(format!("{path}: the body is no JSON"));
        let error = Error {
            status: 400,
            kind: "invalid_json".to_owned(),
            message: "We could not parse the JSON body of your request.".to_owned(),
            retry_after: None,
        };
        return fail(line, dialect, 0, &error, None);
    };
    let mut call = Call {
        dialect: dialect.name(),
        model: model.or_else(|| body["model"].as_str().map(str::to_owned)).unwrap_or_default(),
        // Only Ollama streams unless told otherwise.
        stream: stream.unwrap_or_else(|| body["stream"].as_bool().unwrap_or(dialect.name() == "ollama-chat")),
        provider: provider.clone(),
        body,
        path: request.path.clone(),
        headers: request.headers.clone(),
        number: 0,
    };
    if let Some(error) = wrong_key(script, &provider, &request.headers) {
        script.record(&mut call);
        return fail(line, dialect, call.number, &error, None);
    }
    let json = call.header("content-type").is_some_and(|t| t.starts_with("application/json"));
    let refusal = if script.play().takes_all {
        None
    } else if json {
        dialect.check(&call).err()
    } else {
        Some(super::rules::refuse("content-type", "Unsupported content type"))
    };
    if let Some(refusal) = refusal {
        let error = Error { status: refusal.status, kind: refusal.kind, message: refusal.message, retry_after: None };
        script.record(&mut call);
        script.play().refusals.push(format!("{} ({}): {}", dialect.name(), call.model, error.message));
        return fail(line, dialect, call.number, &error, refusal.param.as_deref());
    }
    let answer = script.answer(&mut call);
    play(line, dialect, &call, &answer, script)
}

fn play(line: &mut Line, dialect: &dyn Dialect, call: &Call, answer: &Answer, script: &Script) -> io::Result<bool> {
    if line.silence(Some(answer.wait)) {
        script.hang_up();
        return Ok(false);
    }
    let mut headers = dialect.headers(call.number, answer.error.as_ref());
    headers.retain(|(name, _)| answer.headers.iter().all(|(own, _)| own != name));
    headers.extend(answer.headers.iter().cloned());
    if let Some(error) = &answer.error {
        let body = dialect.error(error, None).to_string();
        line.answer(error.status, "application/json", &headers, body.as_bytes())?;
        return Ok(true);
    }
    match &answer.fault {
        Some(Fault::Refuse) => return Ok(false),
        Some(Fault::Body(status, kind, body)) => {
            line.answer(*status, kind, &answer.headers, body.as_bytes())?;
            return Ok(true);
        }
        _ => {}
    }
    if call.stream {
        stream(line, dialect, call, answer, script, &headers)
    } else {
        whole(line, dialect, call, answer, script, &headers)
    }
}

fn whole(
    line: &mut Line,
    dialect: &dyn Dialect,
    call: &Call,
    answer: &Answer,
    script: &Script,
    headers: &[(String, String)],
) -> io::Result<bool> {
    let body = dialect.whole(call, answer).to_string();
    let kind = "application/json; charset=utf-8";
    match &answer.fault {
        Some(Fault::Empty) => line.answer(200, kind, headers, b"")?,
        Some(Fault::Garbage(_)) => line.answer(200, kind, headers, b"{\"id\":\"x\",,,")?,
        Some(Fault::ErrorEvent(_)) => {
            let error = Error {
                status: 500,
                kind: "server_error".to_owned(),
                message: OVERLOADED.to_owned(),
                retry_after: None,
            };
            line.answer(200, kind, headers, dialect.error(&error, None).to_string().as_bytes())?;
        }
        Some(Fault::Drop(_)) => {
            line.half(kind, headers, body.as_bytes())?;
            return Ok(false);
        }
        Some(Fault::Stall(_)) => {
            line.half(kind, headers, body.as_bytes())?;
            return Ok(stall(line, script));
        }
        _ => line.answer(200, kind, headers, body.as_bytes())?,
    }
    Ok(true)
}

const OVERLOADED: &str = "The model is overloaded.";

fn stream(
    line: &mut Line,
    dialect: &dyn Dialect,
    call: &Call,
    answer: &Answer,
    script: &Script,
    headers: &[(String, String)],
) -> io::Result<bool> {
    line.begin(dialect.stream_kind(), headers)?;
    if matches!(answer.fault, Some(Fault::Empty)) {
        line.end()?;
        return Ok(true);
    }
    let frames = dialect.stream(call, answer);
    let pieces = frames.iter().filter(|f| f.text).count();
    let breaks = match &answer.fault {
        Some(Fault::Garbage(n) | Fault::ErrorEvent(n) | Fault::Drop(n) | Fault::Stall(n)) => Some((*n).min(pieces)),
        _ => None,
    };
    let mut told = 0;
    // Before the text piece of that number; an answer without any breaks after its first frame.
    for (at, frame) in frames.iter().enumerate() {
        let here = breaks == Some(told) && (frame.text || (told == pieces && at > 0));
        if here {
            return broken(line, dialect, answer, script, at);
        }
        line.frame(frame.bytes.as_bytes())?;
        told += usize::from(frame.text);
    }
    line.end()?;
    Ok(true)
}

fn broken(line: &mut Line, dialect: &dyn Dialect, answer: &Answer, script: &Script, at: usize) -> io::Result<bool> {
    match &answer.fault {
        Some(Fault::Garbage(_)) => {
            line.frame(b"data: {\"id\":\"x\",,,\n\nnonsense\n\n")?;
            line.end()?;
            Ok(true)
        }
        Some(Fault::ErrorEvent(_)) => {
            line.frame(dialect.error_frame(OVERLOADED, at).bytes.as_bytes())?;
            line.end()?;
            Ok(true)
        }
        Some(Fault::Stall(_)) => Ok(stall(line, script)),
        _ => Ok(false),
    }
}

/// Says nothing more until the caller hangs up.
fn stall(line: &mut Line, script: &Script) -> bool {
    script.stall();
    if line.silence(None) {
        script.hang_up();
    }
    false
}

fn fail(line: &mut Line, dialect: &dyn Dialect, call: usize, error: &Error, param: Option<&str>) -> io::Result<bool> {
    let body = dialect.error(error, param).to_string();
    line.answer(error.status, "application/json", &dialect.headers(call, Some(error)), body.as_bytes())?;
    Ok(true)
}

/// The error for a key that is not the provider's own.
fn wrong_key(script: &Script, provider: &str, headers: &[(String, String)]) -> Option<Error> {
    let key = key_in(headers);
    let wrong = script.play().refuses_keys || (door::needs_key(provider) && key != Some(crate::key::key(provider)));
    // Google calls it a bad request.
    let status = if provider == "gemini" { 400 } else { 401 };
    let message = match provider {
        "anthropic" => "invalid x-api-key",
        "gemini" => "API key not valid. Please pass a valid API key.",
        _ => "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
    };
    wrong.then(|| Error { status, kind: "invalid_api_key".to_owned(), message: message.to_owned(), retry_after: None })
}

fn other(line: &mut Line, request: &Request, script: &Script, provider: &str, asked: Asked) -> io::Result<bool> {
    let native = door::native(provider);
    if let Some(error) = wrong_key(script, provider, &request.headers) {
        return fail(line, native, 0, &error, None);
    }
    let body = match asked {
        Asked::Models(dialect) => dialect.list(&script.play().listed),
        Asked::Published => super::gemini::published(&script.play().listed),
        Asked::Show => super::ollama::show(),
        Asked::Count(how) if script.play().counted.is_some() => {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            if let Err(refusal) = how.check(&body) {
                script.play().refusals.push(format!("{}: {}", request.path, refusal.message));
            }
            how.answer(script.play().counted.unwrap_or_default())
        }
        _ => {
            let error = Error {
                status: 404,
                kind: "not_found".to_owned(),
                message: format!("Invalid URL ({} {})", request.method, request.path),
                retry_after: None,
            };
            return fail(line, native, 0, &error, None);
        }
    };
    let mut headers = native.headers(0, None);
    headers.extend(script.play().date.clone().map(|date| ("date".to_owned(), date)));
    line.answer(200, "application/json", &headers, body.to_string().as_bytes())?;
    Ok(true)
}
