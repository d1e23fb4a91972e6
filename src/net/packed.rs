//! Answers that come compressed. What is unpacked is given on as soon as it is there: events of a stream wait for nothing.

use std::io;
use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use futures_util::TryStreamExt as _;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::io::AsyncRead;
use tokio_util::io::{ReaderStream, StreamReader};

use super::road::{Pieces, pieces};

/// What we can unpack.
pub(super) const TAKES: &str = "gzip, br, zstd";
/// Room for what is unpacked at once (bytes).
const ROOM: usize = 8 << 10;
/// Packed more often than this is nothing but trouble.
const LAYERS: usize = 4;

type Read = Pin<Box<dyn AsyncRead + Send>>;

enum How {
    Gzip,
    Brotli,
    Zstd,
}

/// How it is packed, the last first; `None` where that is nothing that we know.
fn layers(headers: &HeaderMap) -> Option<Vec<How>> {
    let mut all = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.to_str().ok()?.split(',').map(str::trim) {
            all.push(match name.to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => How::Gzip,
                "br" => How::Brotli,
                "zstd" => How::Zstd,
                _ => return None,
            });
        }
    }
    all.reverse();
    Some(all)
}

/// The answer as it was before it was packed (RFC 9110, 8.4). What is packed in a way that nobody asked for stays so, and
/// its head says it.
pub(super) fn unpacked(headers: &mut HeaderMap, packed: Pieces) -> Pieces {
    if !headers.contains_key(CONTENT_ENCODING) {
        return packed;
    }
    let Some(layers) = layers(headers).filter(|layers| layers.len() <= LAYERS) else { return packed };
    headers.remove(CONTENT_ENCODING);
    if layers.is_empty() {
        return packed;
    }
    headers.remove(CONTENT_LENGTH);
    let mut read: Read = Box::pin(StreamReader::new(packed.map_err(io::Error::other)));
    for layer in layers {
        let inner = tokio::io::BufReader::with_capacity(ROOM, read);
        // Each of several members is one of it (RFC 1952, 2.2; RFC 8878, 3).
        read = match layer {
            How::Gzip => {
                let mut decoder = GzipDecoder::new(inner);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            How::Brotli => Box::pin(BrotliDecoder::new(inner)),
            How::Zstd => {
                let mut decoder = ZstdDecoder::new(inner);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
        };
    }
    pieces(StreamBody::new(ReaderStream::with_capacity(read, ROOM).map_ok(Frame::data)))
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
    use bytes::Bytes;
    use futures_util::StreamExt as _;
    use tokio::io::{AsyncWrite, AsyncWriteExt as _};

    use super::*;

    fn headers(encoding: &str) -> HeaderMap {
        [(CONTENT_ENCODING, encoding.parse().unwrap()), (CONTENT_LENGTH, "7".parse().unwrap())].into_iter().collect()
    }

    fn body(parts: impl IntoIterator<Item = Vec<u8>>) -> Pieces {
        let parts: Vec<io::Result<Frame<Bytes>>> = parts.into_iter().map(|p| Ok(Frame::data(p.into()))).collect();
        pieces(StreamBody::new(futures_util::stream::iter(parts)))
    }

    async fn whole(mut pieces: Pieces) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        while let Some(piece) = pieces.next().await {
            out.extend_from_slice(&piece.map_err(|e| e.to_string())?);
        }
        Ok(out)
    }

    async fn packed(how: &str, text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer: Pin<Box<dyn AsyncWrite + '_>> = match how {
            "br" => Box::pin(BrotliEncoder::new(&mut out)),
            "zstd" => Box::pin(ZstdEncoder::new(&mut out)),
            _ => Box::pin(GzipEncoder::new(&mut out)),
        };
        writer.write_all(text.as_bytes()).await.unwrap();
        writer.shutdown().await.unwrap();
        drop(writer);
        out
    }

    #[tokio::test]
    async fn whatever_it_is_called_and_however_often_it_was_packed_it_is_read() {
        let gzip = packed("gzip", "first ").await;
        let twice = packed("br", "twice").await;
        for (name, parts, says) in [
            ("gzip", vec![gzip.clone()], "first "),
            ("GZIP", vec![gzip.clone()], "first "),
            ("x-gzip", vec![gzip.clone()], "first "),
            ("identity", vec![b"as it is".to_vec()], "as it is"),
            ("gzip", vec![gzip.clone(), packed("gzip", "second").await], "first second"),
            ("gzip", vec![[gzip.clone(), packed("gzip", "second").await].concat()], "first second"),
            ("zstd", vec![packed("zstd", "one").await, packed("zstd", " two").await], "one two"),
            ("br", vec![twice.clone()], "twice"),
            ("br, identity", vec![twice], "twice"),
        ] {
            // In whatever pieces it comes.
            for size in [1, 3, 4096] {
                let cut = parts.iter().flat_map(|part| part.chunks(size).map(<[u8]>::to_vec));
                let mut head = headers(name);
                let read = unpacked(&mut head, body(cut));
                assert_eq!(whole(read).await.as_deref(), Ok(says.as_bytes()), "{name} {size}");
                assert!(!head.contains_key(CONTENT_ENCODING), "{name}");
            }
        }
        let mut layers = headers("gzip");
        layers.append(CONTENT_ENCODING, "zstd".parse().unwrap());
        let mut out = Vec::new();
        let mut writer = ZstdEncoder::new(&mut out);
        writer.write_all(&gzip).await.unwrap();
        writer.shutdown().await.unwrap();
        assert_eq!(whole(unpacked(&mut layers, body([out]))).await.as_deref(), Ok(&b"first "[..]));
    }

    #[tokio::test]
    async fn what_is_cut_or_broken_is_an_error_and_what_nobody_asked_for_stays() {
        let gzip = packed("gzip", "some words").await;
        for broken in [gzip[..gzip.len() - 3].to_vec(), [&gzip[..10], b"nonsense"].concat(), b"no gzip at all".to_vec()]
        {
            assert!(whole(unpacked(&mut headers("gzip"), body([broken]))).await.is_err());
        }
        for odd in ["deflate", "gzip, deflate", "br,br,br,br,br"] {
            let mut head = headers(odd);
            assert_eq!(
                whole(unpacked(&mut head, body([b"as it came".to_vec()]))).await.as_deref(),
                Ok(&b"as it came"[..])
            );
            assert_eq!(head[CONTENT_ENCODING], odd);
        }
    }

    #[tokio::test]
    async fn events_come_as_soon_as_they_were_sent() {
        for how in ["gzip", "br", "zstd"] {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            let mut writer: Pin<Box<dyn AsyncWrite + Send>> = match how {
                "br" => Box::pin(BrotliEncoder::new(theirs)),
                "zstd" => Box::pin(ZstdEncoder::new(theirs)),
                _ => Box::pin(GzipEncoder::new(theirs)),
            };
            let sent = pieces(StreamBody::new(ReaderStream::new(ours).map_ok(Frame::data)));
            let mut read = unpacked(&mut headers(how), sent);
            for n in 0..20 {
                let event = format!("data: {n}\n\n");
                writer.write_all(event.as_bytes()).await.unwrap();
                writer.flush().await.unwrap();
                let mut got = Vec::new();
                while got.len() < event.len() {
                    let piece = tokio::time::timeout(std::time::Duration::from_secs(30), read.next()).await;
                    got.extend_from_slice(&piece.expect("before anything else is sent").unwrap().unwrap());
                }
                assert_eq!(got, event.as_bytes(), "{how}");
            }
        }
    }
}
