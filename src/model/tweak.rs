//! Names of what settings may say about an endpoint's spelling.

/// What may be said under `quirks`; the first takes a field's name, all others true or false. What each means stands with
/// the fields of `wire::Quirks`, which have the same names.
pub const TWEAKS: [&str; 19] = [
    "max_tokens_field",
    "stream_usage",
    "developer_role",
    "reasoning_object",
    "return_reasoning",
    "obfuscation",
    "strict",
    "store",
    "forced",
    "schema",
    "short_ids",
    "thought_parts",
    "split_reasoning",
    "return_details",
    "newest",
    "bare_calls",
    "parsed_reasoning",
    "stream_thinking",
    "require_parameters",
];
