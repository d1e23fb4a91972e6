//! The page that a browser shows at the end: nothing of it comes from elsewhere.

/// A whole HTTP answer with one heading and one sentence. Both are texts of ours.
pub(super) fn page(status: u16, title: &str, says: &str) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        421 => "Misdirected Request",
        _ => "Status",
    };
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} - monster</title>\n\
        <meta name=\"viewport\" content=\"width=device-width\">\n<style>{STYLE}</style>\n</head>\n\
        <body>\n<main>\n<h1>{title}</h1>\n<p>{says}</p>\n</main>\n</body>\n</html>\n"
    );
    let allow = if status == 405 { "Allow: GET\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
        Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
        Cache-Control: no-store\r\n{allow}Connection: close\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body.into_bytes()].concat()
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:17px/1.6 system-ui,sans-serif;\
background:Canvas;color:CanvasText}\
main{max-width:30rem;padding:2rem;border-left:4px solid #7a5cff}\
h1{margin:0 0 .5rem;font-size:1.5rem}p{margin:0}";
