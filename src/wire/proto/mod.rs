//! Messages of gRPC services, made from the `.proto` files beside (a test holds them equal): what is not used of them is
//! made all the same, and their documents are the protocol notes.

#[rustfmt::skip]
#[allow(dead_code, missing_docs, unreachable_pub, unused_qualifications)]
pub(super) mod rpc;
#[rustfmt::skip]
#[allow(dead_code, missing_docs, unreachable_pub, unused_qualifications, clippy::enum_variant_names)]
pub(super) mod xai;
