//! Answers that come compressed. What is unpacked is given on as soon as it is there: events of a stream wait for nothing.

use std::io;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use futures_util::stream::{MapErr, try_unfold};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _};
use tokio_util::io::StreamReader;

use super::road::{BoxError, Pieces, pieces};

/// What we can unpack.
pub(super) const TAKES: &str = "gzip, br, zstd";
/// Room for what is unpacked at once (bytes).
const ROOM: usize = 8 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Gzip,
    Brotli,
    Zstd,
}

impl How {
    /// How it is packed, if it is; `None` where that is nothing that we know, or several ways at once, which nobody asked
    /// for and which make much of little.
    fn of(headers: &HeaderMap) -> Option<Option<Self>> {
        let mut how = None;
        for value in headers.get_all(CONTENT_ENCODING) {
            for name in value.to_str().ok()?.split(',').map(str::trim) {
                let one = match name.to_ascii_lowercase().as_str() {
                    "" | "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "br" => Self::Brotli,
                    "zstd" => Self::Zstd,
                    _ => return None,
                };
                if how.replace(one).is_some() {
                    return None;
                }
            }
        }
        Some(how)
    }

    /// Another member of the same answer begins so (RFC 1952, 2.3; RFC 8878, 3.1). What else follows one means nothing.
    fn goes_on(self, with: u8) -> bool {
        match self {
            Self::Gzip => with == 0x1f,
            Self::Zstd => with == 0x28 || (0x50..0x60).contains(&with),
            Self::Brotli => false,
        }
    }
}

type Packed = StreamReader<MapErr<Pieces, fn(BoxError) -> io::Error>, Bytes>;

/// Where it stands.
enum Member {
    /// One is being unpacked.
    Gzip(GzipDecoder<Packed>),
    Brotli(BrotliDecoder<Packed>),
    Zstd(ZstdDecoder<Packed>),
    /// Between two of them.
    None(Packed),
}

struct Unpacking {
    how: How,
    member: Member,
    /// Members so far.
    count: usize,
}

impl Unpacking {
    /// The next piece; `None` at the end, which the connection has reached then, too.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let mut out = BytesMut::with_capacity(ROOM);
        loop {
            let read = match &mut self.member {
                Member::Gzip(decoder) => decoder.read_buf(&mut out).await?,
                Member::Brotli(decoder) => decoder.read_buf(&mut out).await?,
                Member::Zstd(decoder) => decoder.read_buf(&mut out).await?,
                Member::None(packed) => match packed.fill_buf().await?.first() {
                    None => return Ok(None),
                    Some(byte) if self.count > 0 && !self.how.goes_on(*byte) => {
                        tokio::io::copy_buf(packed, &mut tokio::io::sink()).await?;
                        return Ok(None);
                    }
                    Some(_) => 0,
                },
            };
            if read > 0 {
                return Ok(Some((out.freeze(), self)));
            }
            self.member = match self.member {
                Member::Gzip(decoder) => Member::None(decoder.into_inner()),
                Member::Brotli(decoder) => Member::None(decoder.into_inner()),
                Member::Zstd(decoder) => Member::None(decoder.into_inner()),
                Member::None(packed) => {
                    self.count += 1;
                    match self.how {
                        How::Gzip => Member::Gzip(GzipDecoder::new(packed)),
                        How::Brotli => Member::Brotli(BrotliDecoder::new(packed)),
                        How::Zstd => Member::Zstd(ZstdDecoder::new(packed)),
                    }
                }
            };
        }
    }
}

/// The answer as it was before it was packed (RFC 9110, 8.4). What is packed in a way that nobody asked for stays so, and
/// its head says it.
pub(super) fn unpacked(headers: &mut HeaderMap, packed: Pieces) -> Pieces {
    let Some(how) = How::of(headers) else { return packed };
    headers.remove(CONTENT_ENCODING);
    let Some(how) = how else { return packed };
    headers.remove(CONTENT_LENGTH);
    let broken: fn(BoxError) -> io::Error = io::Error::other;
    let member = Member::None(StreamReader::new(packed.map_err(broken)));
    let unpacking = Unpacking { how, member, count: 0 };
    pieces(StreamBody::new(try_unfold(unpacking, Unpacking::next).map_ok(Frame::data)))
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
    use futures_util::StreamExt as _;
    use tokio::io::{AsyncWrite, AsyncWriteExt as _};
    use tokio_util::io::ReaderStream;

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
            // What follows it means nothing, and where nothing comes nothing is packed.
            ("gzip", vec![gzip.clone(), vec![0; 64]], "first "),
            ("gzip", vec![gzip, b"\r\n".to_vec()], "first "),
            ("gzip", vec![], ""),
            ("br", vec![vec![], vec![]], ""),
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
    }

    #[tokio::test]
    async fn what_is_cut_or_broken_is_an_error_and_what_nobody_asked_for_stays() {
        let gzip = packed("gzip", "some words").await;
        for broken in [gzip[..gzip.len() - 3].to_vec(), [&gzip[..10], b"nonsense"].concat(), b"no gzip at all".to_vec()]
        {
            assert!(whole(unpacked(&mut headers("gzip"), body([broken]))).await.is_err());
        }
        for odd in ["deflate", "gzip, deflate", "br,br", "gzip, zstd"] {
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
